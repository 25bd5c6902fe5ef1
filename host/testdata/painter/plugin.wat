;; A plugin with a text and a button. Each click makes another surface of 512 by 512 pixels, which is 1 MiB, and counts in the text.
(module
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (import "vitrine:ui" "paint" (func $paint (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0)
    "\01\00"                         ;; box
    "\01\01\03\01\010\00"            ;;   text "0"; the character lies at 7
    "\01\03\03\01\01+\04\00\01\00"   ;;   button "+", click is handler 1
    "\00")
  (data (i32.const 64) "\00\80\04\80\04\00\00\01\01\01\ff\ff\ff") ;; surface 0, 512 by 512, one pixel at 0,0; the number lies at 64
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func $show (drop (call $render (i32.const 0) (i32.const 20))))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (call $show) (i64.const 0))
  (func (export "vitrine_event") (param i32 i32) (result i64)
    (i32.store8 (i32.const 7) (i32.add (i32.load8_u (i32.const 7)) (i32.const 1)))
    (i32.store8 (i32.const 64) (i32.add (i32.load8_u (i32.const 64)) (i32.const 1)))
    (drop (call $paint (i32.const 64) (i32.const 13)))
    (call $show)
    (i64.const 0)))
