;; A guest that calls one host function in a loop. The input of each function is how often, as 32 bits,
;; little-endian, and behind it what "ask" asks with. One that is answered as it should not be traps; the last
;; answer is what "ask" returns.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:clock" "monotonic" (func $clock (result i64)))
  (import "vitrine:user" "read" (func $user (result i32)))
  (import "vitrine:random" "fill" (func $random (param i32 i32) (result i32)))
  (import "vitrine:http" "request" (func $request (param i32 i32) (result i32)))
  (memory (export "memory") 4 4)
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "clock") (param i32 i32) (result i64) (local i32)
    (local.set 2 (i32.load (local.get 0)))
    (loop $l
      (if (i64.lt_s (call $clock) (i64.const 0)) (then (unreachable)))
      (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (i64.const 0))
  (func (export "user") (param i32 i32) (result i64) (local i32)
    (local.set 2 (i32.load (local.get 0)))
    (loop $l
      (if (i32.lt_s (call $user) (i32.const 0)) (then (unreachable)))
      (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (i64.const 0))
  (func (export "denied") (param i32 i32) (result i64) (local i32)
    (local.set 2 (i32.load (local.get 0)))
    (loop $l
      (if (i32.ne (call $random (i32.const 8192) (i32.const 1)) (i32.const -1)) (then (unreachable)))
      (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (i64.const 0))
  (func (export "ask") (param i32 i32) (result i64) (local i32 i32)
    (local.set 2 (i32.load (local.get 0)))
    (loop $l
      (local.set 3 (call $request (i32.add (local.get 0) (i32.const 4)) (i32.sub (local.get 1) (i32.const 4))))
      (if (i32.lt_s (local.get 3) (i32.const 0)) (then (unreachable)))
      (drop (call $take (i32.const 65536) (local.get 3)))
      (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (i64.or (i64.const 0x1000000000000) (i64.extend_i32_u (local.get 3)))))
