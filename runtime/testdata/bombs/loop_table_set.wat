;; fault: deadline
;; A loop that writes a table.
(module
  (table $t 1 funcref)
  (elem declare func $f)
  (func $f)
  (func (export "run")
    (loop $l (table.set $t (i32.const 0) (ref.func $f)) (drop (ref.is_null (table.get $t (i32.const 0)))) (br $l))
  )
)
