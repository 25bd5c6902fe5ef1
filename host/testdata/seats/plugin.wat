;; A plugin that shows a component of the host's own, acme.seat, with {"row":1} and a fallback that says
;; "No seats". Each call of the component is a row more.
(module
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0)
    "\01\00"                                                         ;; box
    "\010\03\01\09acme.seat\03\05\05Seats\03\09\09{\22row\22:1}\04\00\01" ;;   host, call is handler 1; the digit lies at 34
    "\012\01\01\03\01\08No seats\00\00\00"                           ;;     fallback, text
    "\00")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func $show (drop (call $render (i32.const 0) (i32.const 58))))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (call $show) (i64.const 0))
  (func (export "vitrine_event") (param i32 i32) (result i64)
    (i32.store8 (i32.const 34) (i32.add (i32.load8_u (i32.const 34)) (i32.const 1)))
    (call $show)
    (i64.const 0)))
