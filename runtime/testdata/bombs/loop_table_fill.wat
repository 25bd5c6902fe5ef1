;; fault: deadline
;; A loop that fills a table.
(module
  (table $t 10000 funcref)
  (func (export "run")
    (loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 10000)) (br $l))
  )
)
