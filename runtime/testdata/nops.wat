;; Instructions that do and cost nothing, wherever something is charged.
(module
  (func $f (export "run") (param i32) (result i32)
    (if (local.get 0) (then (nop) (drop (i32.const 1)) (nop)) (else (nop)))
    (block (nop) (br_if 0 (local.get 0)) (nop) (drop (i32.div_u (i32.const 7) (local.get 0))))
    (nop)
    (loop (nop) (br_if 0 (i32.eqz (local.get 0))) (nop))
    (call $g (local.get 0)) (nop))
  (func $g (param i32) (result i32) (nop) (i32.add (local.get 0) (call $f (local.get 0)))))
