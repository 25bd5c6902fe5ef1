;; A trap ten calls deep.
(module
  (func $deep (param i32)
    (if (i32.eqz (local.get 0)) (then (unreachable)))
    (call $deep (i32.sub (local.get 0) (i32.const 1))))
  (func (export "run") (call $deep (i32.const 9))))
