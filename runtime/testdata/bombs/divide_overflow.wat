;; fault: trap
;; The smallest number by minus one.
(module
  (func (export "run")
    (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))
  )
)
