;; fault: stack
;; Endless recursion with something to do afterwards.
(module
  (func $f (param i32) (result i32) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
  (func (export "run")
    (drop (call $f (i32.const 1)))
  )
)
