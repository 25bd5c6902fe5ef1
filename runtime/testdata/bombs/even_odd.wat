;; fault: deadline
;; Two functions that call each other, never deep, for ever.
(module
  (func $even (param i32) (result i32) (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (param i32) (result i32) (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
  (func (export "run")
    (loop $l (drop (call $even (i32.const 50))) (br $l))
  )
)
