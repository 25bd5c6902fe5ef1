;; A plugin whose allocator answers an address outside of its memory.
(module
  (memory (export "memory") 1 1)
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 0xfffffff0))
  (func (export "echo") (param i32 i32) (result i64) (i64.const 0)))
