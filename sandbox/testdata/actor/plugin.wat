;; A plugin that does as it is told. An event's handler number is a command:
;;
;;   0 count and render        4 answer with a failure      8 request over http, keep the code
;;   1 trap                    5 render what is no tree     9 log "hi"
;;   2 loop for ever           6 paint one pixel           10 write "out" to standard output
;;   3 ask for a turn          7 ask for turns for ever    11 exit with code 3
;;  12 write "out" 80 times and trap                         14 ask for a turn that renders that
;;  13 render a tree with a doubled key                       15 paint what are no pixels
;;
;; Memory: 0 the tree, 32 pixels, 48 a failure, 64 a log entry, 80 an iovec, 96 text, 128 results,
;; 160 a tree with a doubled key, 1024 room for input.
(module
  (import "vitrine:core" "again" (func $again (result i32)))
  (import "vitrine:core" "pending" (func $pending (result i32)))
  (import "vitrine:core" "take" (func $take (param i32 i32) (result i32)))
  (import "vitrine:props" "read" (func $props (result i32)))
  (import "vitrine:ui" "render" (func $render (param i32 i32) (result i32)))
  (import "vitrine:ui" "paint" (func $paint (param i32 i32) (result i32)))
  (import "vitrine:log" "write" (func $log (param i32 i32 i32) (result i32)))
  (import "vitrine:http" "request" (func $http (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2 4)
  (global $count (mut i32) (i32.const 0))
  (global $turns (mut i32) (i32.const 0))
  (global $forever (mut i32) (i32.const 0))
  (global $double (mut i32) (i32.const 0))
  ;; text "0", its event-less tree: open 1, prop 0 form 1, length 1
  (data (i32.const 0) "\01\01\03\01\010\00")
  ;; surface 0 of 1x1, rectangle 0,0 1x1, RGBA
  (data (i32.const 32) "\00\01\01\00\00\01\01\00\01\02\03\04")
  ;; [-2, "no"]
  (data (i32.const 48) "\82\21\62no")
  ;; ["hi"]
  (data (i32.const 64) "\81\62hi")
  (data (i32.const 80) "\60\00\00\00\04\00\00\00")
  (data (i32.const 96) "out\n")
  ;; box of two texts with the key "a"
  (data (i32.const 160) "\01\00\01\01\02\01a\03\01\01x\00\01\01\02\01a\03\01\01y\00\00")

  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))

  (func $show (result i32)
    (i32.store8 (i32.const 5) (i32.add (i32.const 48) (global.get $count)))
    (call $render (i32.const 0) (i32.const 7)))

  (func $showDouble (result i32) (call $render (i32.const 160) (i32.const 23)))

  (func (export "vitrine_mount") (param i32 i32) (result i64)
    (drop (call $show))
    (i64.const 0))

  (func (export "vitrine_update") (param i32 i32) (result i64)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (drop (call $show))
    (i64.const 0))

  (func (export "vitrine_unmount") (param i32 i32) (result i64)
    (drop (call $log (i32.const 1) (i32.const 64) (i32.const 4)))
    (i64.const 0))

  (func (export "vitrine_turn") (param i32 i32) (result i64)
    (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
    (if (global.get $forever) (then (drop (call $again))))
    (if (global.get $double) (then (global.set $double (i32.const 0)) (drop (call $showDouble))))
    (i64.const 0))

  (func (export "vitrine_event") (param $in i32) (param $n i32) (result i64)
    (local $do i32)
    (local.set $do (i32.load8_u (i32.add (local.get $in) (i32.const 1))))
    (if (i32.eq (local.get $do) (i32.const 0)) (then
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.const 128) (call $show))))
    (if (i32.eq (local.get $do) (i32.const 1)) (then unreachable))
    (if (i32.eq (local.get $do) (i32.const 2)) (then (loop $l (br $l))))
    (if (i32.eq (local.get $do) (i32.const 3)) (then (drop (call $again))))
    (if (i32.eq (local.get $do) (i32.const 4)) (then (return (i64.const 0x0000003080000005))))
    (if (i32.eq (local.get $do) (i32.const 5)) (then
      (i32.store (i32.const 128) (call $render (i32.const 64) (i32.const 4)))))
    (if (i32.eq (local.get $do) (i32.const 6)) (then
      (i32.store (i32.const 128) (call $paint (i32.const 32) (i32.const 12)))))
    (if (i32.eq (local.get $do) (i32.const 7)) (then
      (global.set $forever (i32.const 1)) (drop (call $again))))
    (if (i32.eq (local.get $do) (i32.const 8)) (then
      (i32.store (i32.const 128) (call $http (i32.const 0) (i32.const 0)))))
    (if (i32.eq (local.get $do) (i32.const 9)) (then
      (i32.store (i32.const 128) (call $log (i32.const 1) (i32.const 64) (i32.const 4)))))
    (if (i32.eq (local.get $do) (i32.const 10)) (then
      (i32.store (i32.const 128) (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 132)))))
    (if (i32.eq (local.get $do) (i32.const 11)) (then (call $exit (i32.const 3))))
    (if (i32.eq (local.get $do) (i32.const 12)) (then
      (loop $more
        (drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 132)))
        (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 80))))
      unreachable))
    (if (i32.eq (local.get $do) (i32.const 13)) (then (i32.store (i32.const 128) (call $showDouble))))
    (if (i32.eq (local.get $do) (i32.const 14)) (then (global.set $double (i32.const 1)) (drop (call $again))))
    (if (i32.eq (local.get $do) (i32.const 15)) (then
      (i32.store (i32.const 128) (call $paint (i32.const 32) (i32.const 11)))))
    (i64.const 0))

  ;; echo answers its input, which lies where it was put.
  (func (export "echo") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))

  ;; props answers the props.
  (func (export "props") (param i32 i32) (result i64)
    (local $n i32)
    (local.set $n (call $props))
    (drop (call $take (i32.const 2048) (local.get $n)))
    (i64.or (i64.const 0x0000080000000000) (i64.extend_i32_u (local.get $n))))

  ;; code answers what the last host function of an event answered, 4 bytes.
  (func (export "code") (param i32 i32) (result i64) (i64.const 0x0000008000000004))

  ;; turns answers how many turns there were, 4 bytes.
  (func (export "turns") (param i32 i32) (result i64)
    (i32.store (i32.const 136) (global.get $turns))
    (i64.const 0x0000008800000004))

  ;; fetch answers the failure [code, "no"] that http.request causes.
  (func (export "fetch") (param i32 i32) (result i64)
    (i32.store8 (i32.const 49) (i32.sub (i32.const 31) (call $http (i32.const 0) (i32.const 0))))
    (i64.const 0x0000003080000005))

  ;; spin never returns.
  (func (export "spin") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0)))
