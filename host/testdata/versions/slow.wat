;; The keeper, and it takes half a second to take over.
(module
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0)
    "\01\00"                         ;; box
    "\01\01\03\01\010\00"            ;;   text "0"; the character lies at 7
    "\01\03\03\01\01+\04\00\01\00"   ;;   button "+", click is handler 1
    "\01\10\03\01\01f\04\00\02\00"   ;;   file field "f", file is handler 2
    "\01\03\03\01\01x\04\00\03\00"   ;;   button "x", click is handler 3
    "\01\03\03\01\01o\04\00\04\00"   ;;   button "o", click is handler 4
    "\00")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func $show (drop (call $render (i32.const 0) (i32.const 50))))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (call $show) (i64.const 0))
  (func (export "vitrine_event") (param $in i32) (param $n i32) (result i64)
    (local $handler i32)
    (local.set $handler (i32.load8_u (i32.add (local.get $in) (i32.const 1))))
    (if (i32.eq (local.get $handler) (i32.const 1)) (then
      (i32.store8 (i32.const 7) (i32.add (i32.load8_u (i32.const 7)) (i32.const 1)))))
    (if (i32.eq (local.get $handler) (i32.const 2)) (then
      (i32.store8 (i32.const 7)
        (i32.load8_u (i32.sub (i32.add (local.get $in) (local.get $n)) (i32.const 1))))))
    (if (i32.eq (local.get $handler) (i32.const 3)) (then unreachable))
    (if (i32.eq (local.get $handler) (i32.const 4)) (then (loop $l (br $l))))
    (call $show)
    (i64.const 0))
  ;; What goes over to another version is the character.
  (func (export "vitrine_save") (param i32 i32) (result i64) (i64.const 0x700000001))
  (func (export "vitrine_restore") (param $in i32) (param $n i32) (result i64)
    (local $i i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 600000000))))
    (i32.store8 (i32.const 7) (i32.load8_u (local.get $in)))
    (i64.const 0)))
