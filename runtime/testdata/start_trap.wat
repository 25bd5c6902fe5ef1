;; A start section that calls for a while and then traps.
(module
  (func $step (param $n i32) (result i32) (i32.sub (local.get $n) (i32.const 1)))
  (func $start (local $n i32)
    (local.set $n (i32.const 1000))
    (loop $l (br_if $l (local.tee $n (call $step (local.get $n)))))
    unreachable)
  (start $start))
