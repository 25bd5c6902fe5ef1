;; The start section never comes back.
(module (func $l (loop $again (br $again))) (start $l))
