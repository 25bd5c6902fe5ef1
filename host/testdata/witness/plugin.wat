;; A plugin that asks for everything it may have, and keeps what it was ever given: all that the host writes into
;; it lies from 2048 on, and each call puts that into its store.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (import "vitrine:props" "read" (func $props (result i32)))
  (import "vitrine:user" "read" (func $user (result i32)))
  (import "vitrine:log" "write" (func $log (param i32 i32 i32) (result i32)))
  (import "vitrine:random" "fill" (func $random (param i32 i32) (result i32)))
  (import "vitrine:http" "request" (func $http (param i32 i32) (result i32)))
  (import "vitrine:api" "request" (func $api (param i32 i32) (result i32)))
  (import "vitrine:kv" "put" (func $put (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $end (mut i32) (i32.const 2048))
  (data (i32.const 0) "\01\03\03\01\02go\04\00\01\00")                   ;; a button "go", click is handler 1
  (data (i32.const 64) "\a1\63url\78\18http://api.example.com/x")         ;; {"url": ...}
  (data (i32.const 128) "\a1\64path\67/orders")                           ;; {"path": ...}
  (data (i32.const 192) "\81\64seen")                                     ;; ["seen"]
  (data (i32.const 2031) "\83\67install\64seen\59\f0\00")                 ;; ["install", "seen", the 61440 bytes behind it]
  (func $room (export "vitrine_alloc") (param $n i32) (result i32)
    (global.set $end (i32.add (global.get $end) (local.get $n)))
    (if (i32.gt_u (global.get $end) (i32.const 63488)) (then unreachable))
    (i32.sub (global.get $end) (local.get $n)))
  (func $keep (param $n i32)
    (if (i32.gt_s (local.get $n) (i32.const 0)) (then
      (drop (call $take (call $room (local.get $n)) (local.get $n))))))
  (func $look
    (call $keep (call $props))
    (call $keep (call $user))
    (call $keep (call $http (i32.const 64) (i32.const 31)))
    (call $keep (call $api (i32.const 128) (i32.const 14)))
    (drop (call $log (i32.const 1) (i32.const 192) (i32.const 6)))
    (drop (call $random (i32.const 512) (i32.const 8)))
    (drop (call $put (i32.const 2031) (i32.const 61457)))
    (drop (call $render (i32.const 0) (i32.const 11))))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (call $look) (i64.const 0))
  (func (export "vitrine_event") (param i32 i32) (result i64) (call $look) (i64.const 0)))
