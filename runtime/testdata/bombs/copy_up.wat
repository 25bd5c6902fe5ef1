;; fault: deadline
;; Copies of a large memory onto itself, one byte up.
(module
  (memory 512)
  (func (export "run")
    (local $n i32)
    (local.set $n (i32.const 33554431))
    (loop $l (memory.copy (i32.const 1) (i32.const 0) (local.get $n)) (br $l))
  )
)
