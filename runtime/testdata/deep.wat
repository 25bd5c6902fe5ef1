;; Functions that call themselves as often as they are told to. See stacks_test.go.
(module
  (memory (export "memory") 1)
  (func $down (param i32 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (if (result i64) (local.get 0)
      (then
        (i64.add
          (call $down (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
            (local.get 5) (local.get 6) (local.get 7) (local.get 8))
          (i64.add
            (i64.add (i64.add (local.get 1) (local.get 2)) (i64.add (local.get 3) (local.get 4)))
            (i64.add (i64.add (local.get 5) (local.get 6)) (i64.add (local.get 7) (local.get 8))))))
      (else (i64.const 0))))
  (func $start (param i32) (result i64)
    (call $down (local.get 0) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)
      (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)))
  (func (export "a") (param i32) (result i64) (call $start (local.get 0)))
  (func (export "b") (param i32) (result i64) (call $start (local.get 0)))
  (func (export "c") (param i32) (result i64) (call $start (local.get 0)))
  (func (export "d") (param i32) (result i64) (call $start (local.get 0))))
