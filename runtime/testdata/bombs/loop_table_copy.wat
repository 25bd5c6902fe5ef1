;; fault: deadline
;; A loop that copies a table onto itself.
(module
  (table $t 10000 funcref)
  (func (export "run")
    (loop $l (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 9999)) (br $l))
  )
)
