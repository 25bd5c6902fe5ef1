;; fault: deadline
;; Growing again and again, long after it fails.
(module
  (memory 1)
  (func (export "run")
    (loop $l (drop (memory.grow (i32.const 1))) (br $l))
  )
)
