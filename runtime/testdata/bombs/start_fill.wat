;; fault: deadline
;; A start section that fills memory for ever.
(module
  (memory 256)
  (func $s (loop $l (memory.fill (i32.const 0) (i32.const 7) (i32.const 16777216)) (br $l)))
  (start $s)
  (func (export "run")
  )
)
