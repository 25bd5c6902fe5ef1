;; The start section recurses a little.
(module
  (func $nest (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $nest (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func $s (drop (call $nest (i32.const 1000))))
  (start $s))
