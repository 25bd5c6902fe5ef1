;; fault: invalid
;; Brings a function of the meter along.
(module
  (import "vitrine:meter" "refuel" (func))
  (func (export "run")
  )
)
