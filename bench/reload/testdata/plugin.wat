;; A plugin with a state of one number: "count" adds one and answers it, save and restore take it along.
(module
  (memory (export "memory") 2)
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (i64.const 0))
  (func (export "count") (param i32 i32) (result i64)
    (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
    (i64.const 8))
  (func (export "vitrine_save") (param i32 i32) (result i64) (i64.const 8))
  (func (export "vitrine_restore") (param $in i32) (param i32) (result i64)
    (i64.store (i32.const 0) (i64.load (local.get $in)))
    (i64.const 0)))
