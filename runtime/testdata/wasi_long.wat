;; Calls of WASI that each take as long as memory has room for.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1024)
  (func (export "random") (loop $l (drop (call $random_get (i32.const 0) (i32.const 67108864))) (br $l)))
  ;; Eight million buffers of 64 MiB in one call.
  (func (export "write") (local $i i32)
    (loop $l
      (i32.store offset=4 (local.get $i) (i32.const 67108864))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 67108856))))
    (loop $m (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 8388600) (i32.const 67108856))) (br $m)))
)
