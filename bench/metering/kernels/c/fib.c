#include "kernel.h"
// Calls: the doubly recursive Fibonacci function.
NOINLINE u32 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
EXPORT(run) u32 run(u32 n) { u32 s = 0; for (u32 i = 0; i < n; i++) s += fib(20 + i % 3); return s; }
