;; Calls one host function again and again, which reads what it likes.
(module
  (import "test:host" "stop" (func $stop (param i32)))
  (memory (export "memory") 1)
  (func (export "stops") (param i32)
    (loop $l
      (call $stop (i32.const 0))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
