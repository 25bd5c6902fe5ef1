;; fault: deadline
;; A loop that asks how large its memory is.
(module
  (memory 1)
  (func (export "run")
    (loop $l (drop (memory.size)) (br $l))
  )
)
