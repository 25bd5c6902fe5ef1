;; fault: trap
;; Integer division by zero.
(module
  (func (export "run")
    (drop (i32.div_u (i32.const 1) (i32.const 0)))
  )
)
