;; fault: trap
;; A table read outside of its size.
(module
  (table 1 funcref)
  (func (export "run")
    (drop (ref.is_null (table.get 0 (i32.const 1))))
  )
)
