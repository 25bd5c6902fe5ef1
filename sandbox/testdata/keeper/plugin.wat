;; A plugin with a state of one number: "count" adds one and answers it, save and restore take it along.
;; At 13 it breaks when it saves, at 14 it saves 2 MiB, at 15 it breaks when it restores; at 16 it refuses to save.
(module
  (memory (export "memory") 40)
  (data (i32.const 64) "\82\05\61x") ;; a failure with a code and a word
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "vitrine_mount") (param i32 i32) (result i64) (i64.const 0))
  (func (export "count") (param i32 i32) (result i64)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (i64.const 4))
  (func (export "vitrine_save") (param i32 i32) (result i64)
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 13)) (then unreachable))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 14)) (then (return (i64.const 0x200000))))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 16)) (then (return (i64.const 0x4080000004))))
    (i64.const 4))
  (func (export "vitrine_restore") (param $in i32) (param i32) (result i64)
    (if (i32.eq (i32.load (local.get $in)) (i32.const 15)) (then unreachable))
    (i32.store (i32.const 0) (i32.load (local.get $in)))
    (i64.const 0)))
