;; fault: deadline
;; A start section that never ends.
(module
  (func $s (loop (br 0)))
  (start $s)
  (func (export "run")
  )
)
