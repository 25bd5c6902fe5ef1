#include "kernel.h"
// Memory: open addressing, in functions that are called for each key.
static u32 keys[16384], vals[16384];
NOINLINE static u32 slot(u32 k) { u32 h = (k * 2654435761u) >> 18; while (keys[h] && keys[h] != k) h = (h + 1) & 16383; return h; }
NOINLINE static void put(u32 k, u32 v) { u32 s = slot(k); keys[s] = k; vals[s] += v; }
NOINLINE static u32 get(u32 k) { u32 s = slot(k); return keys[s] ? vals[s] : 0; }
EXPORT(run) u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (int i = 0; i < 16384; i++) keys[i] = vals[i] = 0;
    u32 s = 1;
    for (int i = 0; i < 8000; i++) put(next(&s) | 1, i);
    s = 1;
    for (int i = 0; i < 16000; i++) sum += get(next(&s) | 1);
  }
  return sum;
}
