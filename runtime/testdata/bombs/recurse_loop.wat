;; fault: stack
;; Recursion from within a loop.
(module
  (func $f (loop $l (call $f) (br $l)))
  (func (export "run")
    (call $f)
  )
)
