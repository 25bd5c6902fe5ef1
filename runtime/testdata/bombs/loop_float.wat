;; fault: deadline
;; Floats that become infinite, then NaN.
(module
  (func (export "run")
    (local $x f64)
    (loop $l (local.set $x (f64.sub (f64.mul (f64.sqrt (local.get $x)) (f64.const 1e300)) (f64.const inf))) (br $l))
  )
)
