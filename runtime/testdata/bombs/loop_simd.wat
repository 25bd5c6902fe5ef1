;; fault: deadline
;; Vectors.
(module
  (func (export "run")
    (local $v v128)
    (loop $l (local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4))) (br $l))
  )
)
