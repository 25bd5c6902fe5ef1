;; fault: deadline
;; A loop that writes a segment into a table.
(module
  (table $t 3 funcref)
  (elem $e func $f $f $f)
  (func $f)
  (func (export "run")
    (loop $l (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 3)) (br $l))
  )
)
