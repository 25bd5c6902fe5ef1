;; Linked as "early" or as "late": calls the other one as it starts, if that is named so. Assembled by go generate.
(module
  (import "late" "answer" (func $late (result i32)))
  (global $found (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $found (call $late)))
  (func (export "answer") (result i32) (i32.const 42))
  (func (export "found") (result i32) (global.get $found)))
