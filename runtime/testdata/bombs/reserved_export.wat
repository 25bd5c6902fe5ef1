;; fault: invalid
;; Brings a global of the meter along.
(module
  (global (export "vitrine:meter.fuel") (mut i64) (i64.const 1000000000))
  (func (export "run")
    (loop (br 0))
  )
)
