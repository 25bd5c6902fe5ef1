;; fault: deadline
;; All state in a global.
(module
  (global $g (mut i64) (i64.const 0))
  (func (export "run")
    (loop $l (global.set $g (i64.add (global.get $g) (i64.const 1))) (br $l))
  )
)
