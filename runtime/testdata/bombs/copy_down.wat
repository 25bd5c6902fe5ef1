;; fault: deadline
;; The same one byte down.
(module
  (memory 512)
  (func (export "run")
    (local $n i32)
    (local.set $n (i32.const 33554431))
    (loop $l (memory.copy (i32.const 0) (i32.const 1) (local.get $n)) (br $l))
  )
)
