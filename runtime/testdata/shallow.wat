;; Goes some calls deep and comes back, some times in one call: by a function that hands its depth along in
;; registers, and by one that does not.
(module
  (memory 1 1)
  (func $register (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $register (i32.sub (local.get 0) (i32.const 1)))))))
  (func $other (param i32) (result i32)
    (drop (memory.grow (i32.const 0)))
    (i32.const 1))
  (func $global (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (call $other (local.get 0)) (call $global (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "run") (param $times i32) (param $deep i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $register (local.get $deep))))
      (local.set $sum (i32.add (local.get $sum) (call $global (local.get $deep))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum)))
