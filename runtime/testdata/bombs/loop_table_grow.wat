;; fault: deadline
;; A table that grows again and again, long after it fails.
(module
  (table $t 1 funcref)
  (func (export "run")
    (loop $l (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $l))
  )
)
