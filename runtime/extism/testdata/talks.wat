;; A plugin that has the module "talker" speak a hundred times. Assembled by go generate.
(module
  (import "talker" "say" (func $say))
  (func (export "run") (result i32) (local i32)
    (loop $l
      (call $say)
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100))))
    (i32.const 0)))
