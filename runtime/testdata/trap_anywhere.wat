;; Functions that trap after n rounds, each where fuel is in a local: in loops without calls and in
;; small functions that recurse.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func (export "loop") (param $n i32)
    (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (i32.div_u (i32.const 1000) (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $l)))
  ;; A long body, which is written once, with locals of every type.
  (func (export "wide") (param $n i32)
    (local $a i64) (local $b f32) (local $c f64) (local $d v128)
    (loop $l
      (local.set $a (i64.add (local.get $a) (i64.extend_i32_u (local.get $n))))
      (local.set $b (f32.add (local.get $b) (f32.convert_i32_u (local.get $n))))
      (local.set $c (f64.add (local.get $c) (f64.promote_f32 (local.get $b))))
      (local.set $d (i32x4.add (local.get $d) (i32x4.splat (local.get $n))))
      (i64.store (i32.const 0) (local.get $a))
      (f32.store (i32.const 8) (local.get $b))
      (f64.store (i32.const 16) (local.get $c))
      (v128.store (i32.const 32) (local.get $d))
      (if (i32.and (local.get $n) (i32.const 1))
        (then (i32.store (i32.const 64) (i32.mul (i32.load (i32.const 64)) (i32.const 7))))
        (else (i32.store (i32.const 68) (i32.mul (i32.load (i32.const 68)) (i32.const 5)))))
      (drop (i32.div_u (i32.const 1000) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $l)))
  ;; A leaf loop in a leaf loop, left early now and then.
  (func (export "nested") (param $n i32)
    (local $i i32)
    (loop $out
      (local.set $i (i32.const 20))
      (block $done
        (loop $in
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (drop (i32.div_u (i32.const 1000) (local.get $n)))
          (br_if $done (i32.eqz (i32.rem_u (local.get $n) (i32.const 97))))
          (br_if $in (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
      (br $out)))
  ;; Leaf loops one after the other in a loop that calls.
  (func (export "again") (param $n i32)
    (local $i i32)
    (loop $out
      (call $bump)
      (local.set $i (i32.const 3000))
      (loop $in
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (drop (i32.div_u (i32.const 1000) (local.get $n)))
        (br_if $in (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (br $out)))
  (func $bump (global.set $g (i32.add (global.get $g) (i32.const 1))))
  ;; fib, whose n-th call of the end of it all traps.
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then
        (global.set $g (i32.sub (global.get $g) (i32.const 1)))
        (drop (i32.div_u (i32.const 1000) (global.get $g)))
        (i32.const 1))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "recursive") (param $n i32)
    (global.set $g (local.get $n))
    (drop (call $fib (i32.const 35))))
  ;; The same with a leaf loop, and a call of something else, on the way.
  (func $walk (param $n i32) (result i32)
    (local $i i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (local.set $i (i32.const 9))
    (loop $l
      (global.set $g (i32.sub (global.get $g) (i32.const 1)))
      (drop (i32.div_u (i32.const 1000) (global.get $g)))
      (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (if (i32.eqz (i32.and (local.get $n) (i32.const 7))) (then (memory.fill (i32.const 0) (i32.const 1) (local.get $n))))
    (i32.add (call $walk (i32.sub (local.get $n) (i32.const 1))) (call $walk (i32.sub (local.get $n) (i32.const 1)))))
  (func (export "walks") (param $n i32)
    (global.set $g (local.get $n))
    (drop (call $walk (i32.const 25))))
)
