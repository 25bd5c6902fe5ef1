;; fault: deadline
;; Nothing but divisions, the slowest there is per byte.
(module
  (func (export "run")
    (local $n i64)
    (loop $l (local.set $n (i64.div_u (i64.const -1) (i64.or (i64.rem_u (i64.const -3) (i64.or (local.get $n) (i64.const 7))) (i64.const 1)))) (br $l))
  )
)
