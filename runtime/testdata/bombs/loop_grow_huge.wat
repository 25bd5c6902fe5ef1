;; fault: deadline
;; Growing by 4 GiB, which always fails.
(module
  (memory 1)
  (func (export "run")
    (loop $l (drop (memory.grow (i32.const -1))) (br $l))
  )
)
