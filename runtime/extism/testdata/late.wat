;; What early.wat calls. Assembled by go generate.
(module
  (global $started (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $started (i32.const 42)))
  (func (export "answer") (result i32) (global.get $started)))
