;; A plugin that fails with what the module "early" has found. Assembled by go generate.
(module
  (import "early" "found" (func $found (result i32)))
  (func (export "run") (result i32) (call $found)))
