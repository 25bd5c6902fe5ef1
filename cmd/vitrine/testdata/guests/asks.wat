;; A plugin that asks for what it may not have. "ask" fails with the code it was given,
;; "shrug" goes on without, "give_up" traps.
(module
  (import "vitrine:http" "request" (func $request (param i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  ;; CBOR [-1, "no network"]
  (data (i32.const 16) "\82\20\6ano network")
  (data (i32.const 64) "fine")
  (data (i32.const 80) "\ff\fe")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "ask") (param i32 i32) (result i64)
    (if (result i64) (i32.lt_s (call $request (i32.const 0) (i32.const 0)) (i32.const 0))
      (then (i64.const 0x108000000d)) (else (i64.const 0))))
  (func (export "shrug") (param i32 i32) (result i64)
    (drop (call $request (i32.const 0) (i32.const 0)))
    (i64.const 0x4000000004))
  (func (export "give_up") (param i32 i32) (result i64)
    (drop (call $request (i32.const 0) (i32.const 0)))
    unreachable)
  (func (export "bytes") (param i32 i32) (result i64) (i64.const 0x5000000002)))
