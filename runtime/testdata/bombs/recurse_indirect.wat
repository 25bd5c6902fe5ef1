;; fault: stack
;; Endless recursion through a table.
(module
  (table 1 1 funcref)
  (elem (i32.const 0) $f)
  (func $f (call_indirect (i32.const 0)))
  (func (export "run")
    (call_indirect (i32.const 0))
  )
)
