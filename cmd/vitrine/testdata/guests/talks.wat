;; A plugin that writes to its standard output and error, and is denied something.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "vitrine:random" "fill" (func $fill (param i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "\40\00\00\00\04\00\00\00" "\50\00\00\00\04\00\00\00")
  (data (i32.const 64) "out\n")
  (data (i32.const 80) "err\ff")
  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "talk") (param i32 i32) (result i64)
    (drop (call $fill (i32.const 128) (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 32)))
    (i64.const 0)))
