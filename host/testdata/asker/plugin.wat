;; A plugin that shows "-" and asks the host's function "next" what comes after it, then what comes after that, until
;; the answer is "z". After "t" it takes a turn in between, which shows "T"; "y" breaks it.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:core" "again" (func $again (result i32)))
  (import "vitrine:props" "start" (func $start (param i32 i32) (result i32)))
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0)
    "\01\00"                         ;; box
    "\01\01\03\01\01-\00"            ;;   text "-"; the character lies at 7
    "\00")
  (data (i32.const 64) "\82\64next\61-")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func $show (param $c i32)
    (i32.store8 (i32.const 7) (local.get $c))
    (drop (call $render (i32.const 0) (i32.const 10))))
  (func $ask (param $c i32)
    (i32.store8 (i32.const 71) (local.get $c))
    (drop (call $start (i32.const 64) (i32.const 8))))
  (func (export "vitrine_mount") (param i32 i32) (result i64)
    (call $show (i32.const 45)) (call $ask (i32.const 45)) (i64.const 0))
  ;; ["answer", ticket, c]: the character is the last byte
  (func (export "vitrine_message") (param $in i32) (param $n i32) (result i64)
    (local $c i32)
    (local.set $c (i32.load8_u (i32.sub (i32.add (local.get $in) (local.get $n)) (i32.const 1))))
    (if (i32.eq (local.get $c) (i32.const 121)) (then unreachable))
    (call $show (local.get $c))
    (if (i32.eq (local.get $c) (i32.const 116)) (then (drop (call $again)) (return (i64.const 0))))
    (if (i32.ne (local.get $c) (i32.const 122)) (then (call $ask (local.get $c))))
    (i64.const 0))
  (func (export "vitrine_turn") (param i32 i32) (result i64)
    (call $show (i32.const 84)) (call $ask (i32.const 84)) (i64.const 0)))
