;; fault: table
;; Wants a table of a hundred million to start with.
(module
  (table 100000000 funcref)
  (func (export "run")
  )
)
