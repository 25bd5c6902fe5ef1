;; fault: trap
;; A loop without calls that walks out of its memory.
(module
  (memory 2)
  (func (export "run")
    (local $p i32)
    (loop $l (i32.store (local.get $p) (i32.const 7)) (local.set $p (i32.add (local.get $p) (i32.const 4))) (br $l))
  )
)
