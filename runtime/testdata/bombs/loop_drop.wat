;; fault: deadline
;; A loop that drops segments that are long gone.
(module
  (memory 1)
  (data $d "x")
  (elem $e funcref)
  (func (export "run")
    (loop $l (data.drop $d) (elem.drop $e) (br $l))
  )
)
