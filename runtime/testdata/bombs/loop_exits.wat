;; fault: deadline
;; A loop with three ways out, none of which is taken.
(module
  (func (export "run")
    (local $n i64)
    (block $a (block $b (loop $l
      (local.set $n (i64.add (local.get $n) (i64.const 1)))
      (br_if $a (i64.eqz (local.get $n)))
      (br_if $b (i64.eq (local.get $n) (i64.const -1)))
      (if (i64.eq (local.get $n) (i64.const -2)) (then (return)))
      (br $l))))
  )
)
