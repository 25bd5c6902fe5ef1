;; fault: deadline
;; Loops in code that is never reached, and one that is.
(module
  (func (export "run")
    (block (br 0) (loop (br 0)) (unreachable) (loop (br 0) (drop)))
    (loop (br 0) (loop (br 1)))
  )
)
