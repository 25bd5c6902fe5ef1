;; _initialize breaks.
(module (memory 1) (func $boom (export "_initialize") unreachable))
