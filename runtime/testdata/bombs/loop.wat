;; fault: deadline
;; The smallest loop there is.
(module
  (func (export "run")
    (loop (br 0))
  )
)
