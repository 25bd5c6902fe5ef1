;; A plugin that lets jobs work. Numbers are of 32 bits, little-endian.
;;
;; Memory: 0 a number for progress and results, 16 room for taking nothing, 512 what is asked for, 1024 room for input, 4096 the messages that
;; came, each behind its length in a byte.
(module
  (import "vitrine:jobs" "start" (func $start (param i32 i32) (result i32)))
  (import "vitrine:jobs" "progress" (func $progress (param i32 i32) (result i32)))
  (import "vitrine:core" "cancel" (func $cancel (param i32) (result i32)))
  (import "vitrine:kv" "get" (func $get (param i32 i32) (result i32)))
  (memory (export "memory") 2 2)
  (data (i32.const 512) "\82\67install\61k")
  (global $end (mut i32) (i32.const 4096))

  (func (export "vitrine_alloc") (param i32) (result i32) (i32.const 1024))

  (func (export "vitrine_message") (param i32 i32) (result i64)
    (i32.store8 (global.get $end) (local.get 1))
    (memory.copy (i32.add (global.get $end) (i32.const 1)) (local.get 0) (local.get 1))
    (global.set $end (i32.add (global.get $end) (i32.add (local.get 1) (i32.const 1))))
    (i64.const 0))

  (func $number (param i32) (result i64)
    (i32.store (i32.const 0) (local.get 0))
    (i64.const 4))

  ;; heard answers the messages.
  (func (export "heard") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.const 4096) (i64.const 32))
      (i64.extend_i32_u (i32.sub (global.get $end) (i32.const 4096)))))

  ;; start starts the job that the input is, and answers its ticket.
  (func (export "start") (param i32 i32) (result i64)
    (call $number (call $start (local.get 0) (local.get 1))))

  ;; cancel calls off a ticket, and answers the code.
  (func (export "cancel") (param i32 i32) (result i64)
    (call $number (call $cancel (i32.load (local.get 0)))))

  ;; work counts to the number that it gets, and answers it.
  (func $work (export "work") (param i32 i32) (result i64) (local i32 i32)
    (local.set 3 (i32.load (local.get 0)))
    (loop $l
      (br_if $l (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (local.get 3))))
    (call $number (local.get 2)))

  ;; tell says how far it is, twice, and works.
  (func (export "tell") (param i32 i32) (result i64)
    (i32.store8 (i32.const 0) (i32.const 49))
    (drop (call $progress (i32.const 0) (i32.const 1)))
    (i32.store8 (i32.const 0) (i32.const 50))
    (drop (call $progress (i32.const 0) (i32.const 1)))
    (call $work (local.get 0) (local.get 1)))

  ;; forever says that it has begun, and never ends.
  (func (export "forever") (param i32 i32) (result i64)
    (i32.store8 (i32.const 0) (i32.const 49))
    (drop (call $progress (i32.const 0) (i32.const 1)))
    (loop $l (br $l))
    (unreachable))

  ;; keep says that it has begun, asks for what is kept under "k", and answers what came of it.
  (func (export "keep") (param i32 i32) (result i64)
    (i32.store8 (i32.const 0) (i32.const 49))
    (drop (call $progress (i32.const 0) (i32.const 1)))
    (call $number (call $get (i32.const 512) (i32.const 11))))

  (func (export "trap") (param i32 i32) (result i64) (unreachable)))
