#include "kernel.h"
// Indirect calls: a sort that is told how to compare.
static i32 a[10000];
typedef int (*less)(i32, i32);
NOINLINE static int up(i32 x, i32 y) { return x < y; }
NOINLINE static int down(i32 x, i32 y) { return x > y; }
NOINLINE static void sift(i32 *a, i32 i, i32 n, less f) {
  for (;;) {
    i32 c = 2 * i + 1;
    if (c >= n) return;
    if (c + 1 < n && f(a[c], a[c + 1])) c++;
    if (!f(a[i], a[c])) return;
    i32 t = a[i]; a[i] = a[c]; a[c] = t;
    i = c;
  }
}
static less how[2] = {up, down};
EXPORT(run) u32 run(u32 n) {
  u32 s = 1, sum = 0;
  for (u32 r = 0; r < n; r++) {
    less f = how[r & 1];
    for (int i = 0; i < 10000; i++) a[i] = next(&s);
    for (int i = 4999; i >= 0; i--) sift(a, i, 10000, f);
    for (int i = 9999; i > 0; i--) { i32 t = a[0]; a[0] = a[i]; a[i] = t; sift(a, 0, i, f); }
    sum += a[5000];
  }
  return sum;
}
