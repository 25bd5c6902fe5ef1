;; fault: stack
;; The export itself recurses.
(module
  (func $f (export "run") (call $f))
)
