;; fault: deadline
;; A loop with a result, and the operands of others below it.
(module
  (func (export "run")
    (drop (i32.add (i32.const 3) (loop $l (result i32) (br $l))))
  )
)
