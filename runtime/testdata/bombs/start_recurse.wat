;; fault: stack
;; A start section that recurses.
(module
  (func $s (call $s))
  (start $s)
  (func (export "run")
  )
)
