;; fault: memory
;; Wants 4 GiB to start with.
(module
  (memory 65536)
  (func (export "run")
  )
)
