;; fault: stack
;; Endless recursion.
(module
  (func $f (call $f))
  (func (export "run")
    (call $f)
  )
)
