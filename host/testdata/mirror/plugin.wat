;; A plugin that shows a character of its props, {"c": "x"}, and a button (handler 1) that calls the host's
;; function "pick" with it and shows the character of the answer.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:props" "read" (func $read (result i32)))
  (import "vitrine:props" "call" (func $call (param i32 i32) (result i32)))
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0)
    "\01\00"                         ;; box
    "\01\01\03\01\01-\00"            ;;   text "-"; the character lies at 7
    "\01\03\03\01\01p\04\00\01\00"   ;;   button "p", click is handler 1
    "\00")
  (data (i32.const 64) "\82\64pick\61-")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  ;; shows the byte at an offset of the n bytes that wait in the host, "?" for none
  (func $show (param $n i32) (param $at i32)
    (i32.store8 (i32.const 7) (i32.const 63))
    (if (i32.gt_s (local.get $n) (local.get $at)) (then
      (drop (call $take (i32.const 2048) (local.get $n)))
      (i32.store8 (i32.const 7) (i32.load8_u (i32.add (i32.const 2048) (local.get $at))))))
    (drop (call $render (i32.const 0) (i32.const 20))))
  (func (export "vitrine_mount") (param i32 i32) (result i64)
    (call $show (call $read) (i32.const 4)) (i64.const 0))
  (func (export "vitrine_update") (param i32 i32) (result i64)
    (call $show (call $read) (i32.const 4)) (i64.const 0))
  (func (export "vitrine_event") (param i32 i32) (result i64)
    (i32.store8 (i32.const 71) (i32.load8_u (i32.const 7)))
    (call $show (call $call (i32.const 64) (i32.const 8)) (i32.const 1)) (i64.const 0)))
