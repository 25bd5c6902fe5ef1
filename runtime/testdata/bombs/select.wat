;; fault: deadline
;; Selects between floats and between references.
(module
  (func (export "run")
    (local $x f64) (local $r externref)
    (loop $l (local.set $x (select (f64.const 1) (local.get $x) (i32.const 1))) (local.set $r (select (result externref) (local.get $r) (ref.null extern) (i32.const 0))) (br $l))
  )
)
