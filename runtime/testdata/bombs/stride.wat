;; fault: deadline
;; Accesses all over a large memory.
(module
  (memory 513)
  (func (export "run")
    (local $p i32)
    (loop $l
      (local.set $p (i32.and (i32.add (i32.mul (local.get $p) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 33554428)))
      (local.set $p (i32.add (local.get $p) (i32.load (local.get $p))))
      (br $l))
  )
)
