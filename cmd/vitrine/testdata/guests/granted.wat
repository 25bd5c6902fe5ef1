;; A plugin that needs what it is granted: "keep" keeps a value and answers what is kept, "props" answers its props as
;; they came, "patient" does without and answers the same, "room" answers how much memory it may have.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:core" "memory" (func $room (result i64)))
  (import "vitrine:kv" "put" (func $put (param i32 i32) (result i32)))
  (import "vitrine:kv" "get" (func $get (param i32 i32) (result i32)))
  (import "vitrine:props" "read" (func $read (result i32)))
  (memory (export "memory") 1 1)
  ;; CBOR ["install", "k", 'seen'] and ["install", "k"]; [-1, "no luck"]
  (data (i32.const 16) "\83\67install\61k\44seen")
  (data (i32.const 48) "\82\67install\61k")
  (data (i32.const 80) "\82\20\67no luck")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  ;; $answer is what take fetches, or the error where there is none
  (func $answer (param $n i32) (result i64)
    (if (i32.lt_s (local.get $n) (i32.const 0)) (then (return (i64.const 0x508000000a))))
    (drop (call $take (i32.const 2048) (local.get $n)))
    (i64.or (i64.const 0x80000000000) (i64.extend_i32_u (local.get $n))))
  (func (export "keep") (param i32 i32) (result i64)
    (drop (call $put (i32.const 16) (i32.const 16)))
    (call $answer (call $get (i32.const 48) (i32.const 11))))
  (func (export "props") (param i32 i32) (result i64) (call $answer (call $read)))
  (func (export "patient") (param i32 i32) (result i64)
    (drop (call $put (i32.const 16) (i32.const 16)))
    (i64.const 0x1200000007))
  (func (export "room") (param i32 i32) (result i64)
    (i64.store (i32.const 512) (call $room))
    (i64.const 0x20000000008)))
