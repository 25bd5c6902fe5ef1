;; A plugin with a text that shows one character, a button that is disabled and one that is not. Each event counts in the text.
(module
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0)
    "\01\00"                              ;; box
    "\01\01\03\01\010\00"                 ;;   text "0"; the character lies at 7
    "\01\03\03\01\01-\03\08\01\04\00\01\00" ;;   button "-", disabled, click is handler 1
    "\01\03\03\01\01+\04\00\01\00"        ;;   button "+", click is handler 1
    "\00")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func $show (drop (call $render (i32.const 0) (i32.const 33))))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (call $show) (i64.const 0))
  (func (export "vitrine_event") (param i32 i32) (result i64)
    (i32.store8 (i32.const 7) (i32.add (i32.load8_u (i32.const 7)) (i32.const 1)))
    (call $show)
    (i64.const 0)))
