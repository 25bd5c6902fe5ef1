;; fault: trap
;; NaN as an integer.
(module
  (func (export "run")
    (drop (i32.trunc_f64_s (f64.const nan)))
  )
)
