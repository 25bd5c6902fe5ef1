;; Calls what the tests give it.
(module
  (import "test:host" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
  (import "test:host" "touch" (func $touch (param i32 i32) (result i32)))
  (import "test:host" "stop" (func $stop (param i32)))
  (memory (export "memory") 1 2)
  (data (i32.const 0) "hello")
  (func (export "mix") (result f64) (call $mix (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 0.25)))
  (func (export "touch") (param i32 i32) (result i32) (call $touch (local.get 0) (local.get 1)))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "stop") (param i32) (call $stop (local.get 0)))
  (func (export "many") (param i32)
    (loop $l
      (drop (call $touch (i32.const 0) (i32.const 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
