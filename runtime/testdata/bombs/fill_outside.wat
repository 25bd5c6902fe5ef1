;; fault: trap
;; A fill of 4 GiB that begins inside.
(module
  (memory 1)
  (func (export "run")
    (local $n i32)
    (local.set $n (i32.const -1))
    (memory.fill (i32.const 1) (i32.const 1) (local.get $n))
  )
)
