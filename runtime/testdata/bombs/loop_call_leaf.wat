;; fault: deadline
;; An endless loop in a function that is called in an endless loop.
(module
  (func $f (local $n i32) (loop $k (br_if $k (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5)))))
  (func (export "run")
    (loop $l (call $f) (br $l))
  )
)
