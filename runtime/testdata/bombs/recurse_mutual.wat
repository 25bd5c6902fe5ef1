;; fault: stack
;; Three functions in a ring.
(module
  (func $a (call $b))
  (func $b (call $c))
  (func $c (call $a))
  (func (export "run")
    (call $a)
  )
)
