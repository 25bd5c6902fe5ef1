;; fault: trap
;; What a panic compiles to.
(module
  (func (export "run")
    (unreachable)
  )
)
