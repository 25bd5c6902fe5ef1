;; fault: deadline
;; Pieces of a function that jump to each other by a table at the head of a loop, as in what Go compiles to.
(module
  (func $nothing)
  (func (export "run") (local $next i32)
    loop $table
      block $c
        block $b
          block $a
            local.get $next
            br_table $a $b $c $a
          end
          call $nothing
          i32.const 2
          local.set $next
          br $table
        end
        i32.const 9
        local.set $next
        br $table
      end
      i32.const 1
      local.set $next
      br $table
    end))
