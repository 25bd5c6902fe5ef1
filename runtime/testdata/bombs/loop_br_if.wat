;; fault: deadline
;; A loop whose branch is always taken.
(module
  (func (export "run")
    (loop (br_if 0 (i32.const 1)))
  )
)
