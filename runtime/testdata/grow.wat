;; Guests that break, or do not, when something does not grow: because of a limit of the
;; host's, or of their own maximum.
(module
  (memory 1 2)
  (table $open 1 funcref)
  (table $own 1 2 funcref)
  (func $check (param $got i32) (if (i32.eq (local.get $got) (i32.const -1)) (then unreachable)))
  (func $open (export "open") (param i32) (result i32) (table.grow $open (ref.null func) (local.get 0)))
  (func (export "open_or_trap") (param i32) (call $check (call $open (local.get 0))))
  (func (export "own_or_trap") (param i32) (call $check (table.grow $own (ref.null func) (local.get 0))))
  (func (export "memory_or_trap") (param i32) (call $check (memory.grow (local.get 0))))
)
