;; fault: deadline
;; One byte of every page, over and over: every access a miss.
(module
  (memory 512)
  (func (export "run")
    (local $p i32)
    (loop $l
      (i32.store8 (local.get $p) (i32.const 1))
      (local.set $p (i32.and (i32.add (local.get $p) (i32.const 4096)) (i32.const 33554431)))
      (br $l))
  )
)
