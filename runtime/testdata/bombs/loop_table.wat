;; fault: deadline
;; The branch back goes by a table.
(module
  (func (export "run")
    (local $n i32)
    (loop $l
      (block $a (block $b (block $c
        (br_table $a $b $c $l (i32.and (local.get $n) (i32.const 3))))
        (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l))
        (local.set $n (i32.add (local.get $n) (i32.const 5))) (br $l))
      (local.set $n (i32.add (local.get $n) (i32.const 7))) (br $l))
  )
)
