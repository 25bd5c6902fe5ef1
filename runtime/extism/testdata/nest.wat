;; What the canary is linked with: another memory and another global to leave a mark in. It starts by a way of its own,
;; which takes a while. Assembled by go generate.
(module
  (memory (export "memory") 1)
  (global $g (mut i64) (i64.const 0))
  (global $ready (mut i32) (i32.const 0))
  (func (export "__wasm_call_ctors") (local i32)
    (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100000))))
    (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
  (func (export "sing") (param $own i64) (result i64) (local $i i32) (local $found i64)
    (if (i32.ne (global.get $ready) (i32.const 1)) (then (local.set $found (i64.const 7000))))
    (loop $l
      (if (i64.ne (i64.load (local.get $i)) (i64.const 0)) (then (local.set $found (i64.add (local.get $found) (i64.const 1)))))
      (i64.store (local.get $i) (local.get $own))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 64))) (i32.const 65536))))
    (if (i64.ne (global.get $g) (i64.const 0)) (then (local.set $found (i64.add (local.get $found) (i64.const 1)))))
    (global.set $g (local.get $own))
    (local.get $found)))
