;; A plugin that shows a character of its settings, {"c": "x"}, and "?" without.
(module
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:props" "settings" (func $settings (result i32)))
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0)
    "\01\00"                         ;; box
    "\01\01\03\01\01-\00"            ;;   text "-"; the character lies at 7
    "\00")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  ;; shows the last byte of the n bytes that wait in the host
  (func $show (param $n i32)
    (i32.store8 (i32.const 7) (i32.const 63))
    (if (i32.gt_s (local.get $n) (i32.const 1)) (then
      (drop (call $take (i32.const 2048) (local.get $n)))
      (i32.store8 (i32.const 7) (i32.load8_u (i32.add (i32.const 2047) (local.get $n))))))
    (drop (call $render (i32.const 0) (i32.const 10))))
  (func (export "vitrine_mount") (param i32 i32) (result i64)
    (call $show (call $settings)) (i64.const 0))
  (func (export "vitrine_update") (param i32 i32) (result i64)
    (call $show (call $settings)) (i64.const 0)))
