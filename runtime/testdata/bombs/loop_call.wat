;; fault: deadline
;; A loop that calls a function that does nothing.
(module
  (func $f)
  (func (export "run")
    (loop $l (call $f) (br $l))
  )
)
