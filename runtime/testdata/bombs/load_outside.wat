;; fault: trap
;; A load far outside of memory.
(module
  (memory 1)
  (func (export "run")
    (drop (i64.load offset=4294967295 (i32.const -1)))
  )
)
