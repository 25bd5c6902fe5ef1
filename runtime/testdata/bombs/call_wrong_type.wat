;; fault: trap
;; An indirect call with another type.
(module
  (table 1 funcref)
  (elem (i32.const 0) $f)
  (func $f)
  (func (export "run")
    (drop (call_indirect (result i32) (i32.const 0)))
  )
)
