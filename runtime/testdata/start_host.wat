;; The start section calls its host.
(module
  (import "test:host" "touch" (func $touch (param i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 8) "start")
  (func $s (drop (call $touch (i32.const 8) (i32.const 5))))
  (start $s))
