;; fault: deadline
;; The branch back is inside of an if.
(module
  (func (export "run")
    (loop (if (i32.const 1) (then (br 1))))
  )
)
