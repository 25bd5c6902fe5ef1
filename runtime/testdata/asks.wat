;; Asks its host for something as it starts: there can be no snapshot of it.
(module
  (import "test:host" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
  (memory (export "memory") 1)
  (func (export "_initialize")
    (f64.store (i32.const 0) (call $mix (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4))))
  (func (export "asked") (result f64)
    (f64.load (i32.const 0))
    (f64.store (i32.const 0) (f64.const 0))))
