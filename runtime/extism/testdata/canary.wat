;; Looks for marks wherever a plugin can look, answers how many there were, and leaves its own wherever it can. A mark is eight bytes,
;; of which the upper four are 0x5ca1ab1e. The input is a mark, and how to end: 0 well, 1 in a trap, 2 by failing,
;; 3 having grown a table, 4 having grown memory. Assembled by go generate.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "memory_bytes" (func $bytes (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input_at (result i64)))
  (import "extism:host/env" "input_set" (func $input_set (param i64 i64)))
  (import "extism:host/env" "output_offset" (func $output_at (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_get" (func $error (result i64)))
  (import "extism:host/env" "error_set" (func $fail (param i64)))
  (import "extism:host/env" "var_get" (func $var (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $keep (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config (param i64) (result i64)))
  (import "nest" "sing" (func $nest (param i64) (result i64)))
  (memory (export "memory") 2 8)
  (table $t 4 8 funcref)
  (global $g (mut i64) (i64.const 0))
  (global $found (mut i64) (i64.const 0))

  (func $look (param $v i64)
    (if (i64.eq (i64.shr_u (local.get $v) (i64.const 32)) (i64.const 0x5ca1ab1e))
      (then (global.set $found (i64.add (global.get $found) (i64.const 1))))))

  ;; Makes a block of one mark; its name is what it holds.
  (func $mark (param $v i64) (result i64) (local $at i64)
    (local.set $at (call $alloc (i64.const 8)))
    (call $store (local.get $at) (local.get $v))
    (local.get $at))

  (func $search (local $i i32) (local $end i32) (local $at i64)
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (loop $l
      (call $look (i64.load (local.get $i)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 64))) (local.get $end))))
    (if (i32.ne (memory.size) (i32.const 2)) (then (global.set $found (i64.add (global.get $found) (i64.const 1000)))))
    (if (i32.ne (table.size $t) (i32.const 4)) (then (global.set $found (i64.add (global.get $found) (i64.const 2000)))))
    (call $look (global.get $g))
    (if (i64.ne (i64.or (call $error) (call $output_at)) (i64.const 0))
      (then (global.set $found (i64.add (global.get $found) (i64.const 3000)))))
    ;; A new block, and all that was there before it but the input.
    (drop (call $alloc (i64.const 4096)))
    (local.set $at (i64.const 16))
    (loop $b
      (if (i64.ne (local.get $at) (call $input_at)) (then (call $look (call $load (local.get $at)))))
      (br_if $b (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 8))) (i64.sub (call $bytes) (i64.const 7))))))

  (func (export "sing") (result i32) (local $own i64) (local $how i64) (local $v i64) (local $i i32)
    (local.set $own (call $input (i64.const 0)))
    (local.set $how (call $input (i64.const 8)))
    (call $search)
    (global.set $found (i64.add (global.get $found) (call $nest (local.get $own))))
    ;; The variable that everybody keeps, and the setting that is the caller's own.
    (if (i64.ne (call $var (call $mark (i64.const 0x766172))) (i64.const 0)) (then (global.set $found (i64.add (global.get $found) (i64.const 4000)))))
    (local.set $v (call $config (call $mark (i64.const 0x6f68770000000000))))
    (if (i64.eqz (local.get $v))
      (then (global.set $found (i64.add (global.get $found) (i64.const 5000))))
      (else (if (i64.ne (call $load (local.get $v)) (local.get $own))
        (then (global.set $found (i64.add (global.get $found) (i64.const 6000)))))))
    ;; Now its own, everywhere.
    (if (i64.eq (local.get $how) (i64.const 4)) (then (drop (memory.grow (i32.const 2)))))
    (loop $l
      (i64.store (local.get $i) (local.get $own))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 64))) (i32.shl (memory.size) (i32.const 16)))))
    (global.set $g (local.get $own))
    (call $keep (call $mark (i64.const 0x766172)) (call $mark (local.get $own)))
    (if (i64.eq (local.get $how) (i64.const 3)) (then (drop (table.grow $t (ref.null func) (i32.const 2)))))
    (local.set $v (call $mark (global.get $found)))
    (call $output (local.get $v) (i64.const 8))
    (drop (call $mark (local.get $own)))
    (call $input_set (i64.const 16) (i64.const 64))
    (if (i64.eq (local.get $how) (i64.const 1)) (then (if (i64.eqz (global.get $found)) (then unreachable))))
    (if (i64.eq (local.get $how) (i64.const 2)) (then (if (i64.eqz (global.get $found)) (then
      (call $fail (call $mark (local.get $own)))
      (return (i32.const 7))))))
    (i32.const 0)))
