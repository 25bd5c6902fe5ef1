;; A plugin in its smallest form: the guest ABI, well used and badly used.
(module
  (memory (export "memory") 1 256)
  (global $calls (mut i32) (i32.const 0))
  ;; CBOR [-4, "no such order"]
  (data (i32.const 16) "\82\23\6dno such order")
  ;; CBOR [-1, "\x1b[31m\u202e"] : what must not reach a terminal
  (data (i32.const 64) "\82\20\68\1b[31m\e2\80\ae")

  (func $result (param $ptr i32) (param $n i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $n))))

  ;; One room at 1024, the memory grown to hold it.
  (func (export "vitrine_alloc") (param $n i32) (result i32)
    (local $need i32)
    (local.set $need (i32.sub (i32.add (i32.shr_u (local.get $n) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $need) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $need)) (i32.const -1)) (then unreachable))))
    (i32.const 1024))

  (func (export "echo") (param i32 i32) (result i64) (call $result (local.get 0) (local.get 1)))
  (func (export "empty") (param i32 i32) (result i64) (i64.const 0))
  (func (export "refuse") (param i32 i32) (result i64) (call $result (i32.const 16) (i32.const 0x80000010)))
  (func (export "refuse_rudely") (param i32 i32) (result i64) (call $result (i32.const 64) (i32.const 0x8000000b)))
  (func (export "refuse_badly") (param i32 i32) (result i64) (call $result (i32.const 2048) (i32.const 0x80000003)))
  (func (export "refuse_endlessly") (param i32 i32) (result i64) (call $result (i32.const 0) (i32.const 0x80001001)))
  (func (export "claim_huge") (param i32 i32) (result i64) (call $result (i32.const 0xfffffff0) (i32.const 0x40000000)))
  (func (export "claim_outside") (param i32 i32) (result i64) (call $result (i32.const 0xfffffff0) (i32.const 64)))
  (func (export "claim_past_end") (param i32 i32) (result i64) (call $result (i32.const 65530) (i32.const 7)))
  (func (export "count") (param i32 i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 0) (global.get $calls))
    (call $result (i32.const 0) (i32.const 1)))
  (func (export "one") (result i32) (i32.const 1))
  (func (export "wrong_type") (param i32) (result i32) (local.get 0))
  (func (export "spin") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0)))
