;; fault: trap
;; A copy whose source ends outside.
(module
  (memory 1)
  (func (export "run")
    (local $n i32)
    (local.set $n (i32.const 65536))
    (memory.copy (i32.const 0) (i32.const 1) (local.get $n))
  )
)
