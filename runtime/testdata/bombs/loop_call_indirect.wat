;; fault: deadline
;; A loop of indirect calls.
(module
  (table 1 1 funcref)
  (elem (i32.const 0) $f)
  (func $f)
  (func (export "run")
    (loop $l (call_indirect (i32.const 0)) (br $l))
  )
)
