;; A plugin that ends its first call and no other.
(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "answer") (param i32 i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (loop $again (br_if $again (i32.gt_u (global.get $calls) (i32.const 1))))
    (i64.const 0)))
