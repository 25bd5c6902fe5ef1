;; fault: deadline
;; A loop that takes operands, which go round.
(module
  (func (export "run")
    (i32.const 1) (i64.const 2)
    (loop $l (param i32 i64) (result i32 i64)
      (i64.const 1) (i64.add) (br $l))
    (drop) (drop)
  )
)
