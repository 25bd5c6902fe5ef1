;; fault: deadline
;; fib(60) with one of the calls turned into a loop, as compilers do.
(module
  (func $fib (param i32) (result i32) (local i32)
    (if (i32.ge_u (local.get 0) (i32.const 2)) (then
      (loop $l
        (local.set 1 (i32.add (local.get 1) (call $fib (i32.sub (local.get 0) (i32.const 1)))))
        (br_if $l (i32.gt_u (local.tee 0 (i32.sub (local.get 0) (i32.const 2))) (i32.const 1))))))
    (i32.add (local.get 0) (local.get 1)))
  (func (export "run")
    (drop (call $fib (i32.const 60)))
  )
)
