;; fault: deadline
;; The same with a length that is not a constant.
(module
  (memory 512)
  (func (export "run")
    (local $n i32)
    (local.set $n (i32.const 33554432))
    (loop $l (memory.fill (i32.const 0) (i32.const 1) (local.get $n)) (br $l))
  )
)
