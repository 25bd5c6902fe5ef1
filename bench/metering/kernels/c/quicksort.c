#include "kernel.h"
// Sorting: recursion around tight loops.
static i32 a[20000];
NOINLINE static void sort(i32 *a, i32 lo, i32 hi) {
  while (lo < hi) {
    i32 x = a[(lo + hi) / 2], i = lo, j = hi;
    while (i <= j) {
      while (a[i] < x) i++;
      while (a[j] > x) j--;
      if (i <= j) { i32 t = a[i]; a[i] = a[j]; a[j] = t; i++; j--; }
    }
    sort(a, lo, j);
    lo = i;
  }
}
EXPORT(run) u32 run(u32 n) {
  u32 s = 1, sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (int i = 0; i < 20000; i++) a[i] = next(&s);
    sort(a, 0, 19999);
    sum += a[10000];
  }
  return sum;
}
