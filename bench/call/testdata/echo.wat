;; What both ways of calling cost: bytes in and out by Vitrine's guest ABI, and a thousand calls of a host function.
(module
  (import "bench" "tick" (func $tick (param i32) (result i32)))
  (memory (export "memory") 40)
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  ;; Answers what it was given: no copy in the guest, the call alone is measured.
  (func (export "echo") (param $ptr i32) (param $n i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $n))))
  (func (export "run") (result i32)
    (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $tick (local.get $i))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (i32.ne (local.get $sum) (i32.const 500500))))
