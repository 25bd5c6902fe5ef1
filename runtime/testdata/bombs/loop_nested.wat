;; fault: deadline
;; Five loops around each other, each endless.
(module
  (func (export "run")
    (loop (loop (loop (loop (loop (br 0)) (br 0)) (br 0)) (br 0)) (br 0))
  )
)
