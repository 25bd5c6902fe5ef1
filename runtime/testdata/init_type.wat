;; _initialize is of a type that nobody calls.
(module (func (export "_initialize") (param i32)))
