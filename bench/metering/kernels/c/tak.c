#include "kernel.h"
// Calls: Takeuchi's function.
NOINLINE i32 tak(i32 x, i32 y, i32 z) { return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)); }
EXPORT(run) u32 run(u32 n) { u32 s = 0; for (u32 i = 0; i < n; i++) s += tak(12 + i % 3, 8, 2); return s; }
