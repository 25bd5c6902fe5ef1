;; fault: deadline
;; An inner loop that only ever goes on with the outer one.
(module
  (func (export "run")
    (loop (loop (br 1)))
  )
)
