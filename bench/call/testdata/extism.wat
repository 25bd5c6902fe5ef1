;; The same for Extism, whose input and output are blocks of a kernel that is linked in.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "tick" (func $tick (param i32) (result i32)))
  (memory (export "memory") 1)
  ;; Extism has no way to answer with the input itself: it is copied, eight bytes at a time as its PDKs do.
  (func (export "echo") (result i32)
    (local $n i64) (local $out i64) (local $i i64)
    (if (i64.eqz (local.tee $n (call $input_length))) (then (return (i32.const 0))))
    (local.set $out (call $alloc (local.get $n)))
    (loop $again
      (call $store_u64 (i64.add (local.get $out) (local.get $i)) (call $input_load_u64 (local.get $i)))
      (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 8))) (local.get $n))))
    (call $output_set (local.get $out) (local.get $n))
    (i32.const 0))
  (func (export "run") (result i32)
    (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $tick (local.get $i))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
    (i32.ne (local.get $sum) (i32.const 500500))))
