;; Calls of WASI that each take as long as memory has room for.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1024)
  ;; One call for n times nothing: bytes that are zero are clocks that are due, empty buffers, paths that are none.
  (func (export "poll_oneoff") (param $n i32)
    (drop (call $poll_oneoff (i32.const 0) (i32.const 0) (local.get $n) (i32.const 67108856))))
  (func (export "fd_read") (param $n i32)
    (drop (call $fd_read (i32.const 0) (i32.const 0) (local.get $n) (i32.const 67108856))))
  (func (export "fd_write") (param $n i32)
    (drop (call $fd_write (i32.const 1) (i32.const 0) (local.get $n) (i32.const 67108856))))
  (func (export "random_get") (param $n i32) (drop (call $random_get (i32.const 0) (local.get $n))))
  (func (export "path_open") (param $n i32)
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (local.get $n) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 67108856))))
  (func (export "path_rename") (param $n i32)
    (drop (call $path_rename (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 3) (i32.const 0) (local.get $n))))
  (func (export "random") (loop $l (drop (call $random_get (i32.const 0) (i32.const 67108864))) (br $l)))
  ;; As many buffers of 64 MiB in one call as may be.
  (func (export "write") (local $i i32)
    (loop $l
      (i32.store offset=4 (local.get $i) (i32.const 67108864))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 524288))))
    (loop $m (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 65536) (i32.const 67108856))) (br $m)))
)
