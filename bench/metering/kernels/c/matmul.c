#include "kernel.h"
// Float: dense matrices.
static double a[96][96], b[96][96], c[96][96];
EXPORT(run) u32 run(u32 n) {
  for (int i = 0; i < 96; i++) for (int j = 0; j < 96; j++) { a[i][j] = i + j; b[i][j] = i - j; }
  for (u32 r = 0; r < n; r++)
    for (int i = 0; i < 96; i++)
      for (int j = 0; j < 96; j++) {
        double s = 0;
        for (int k = 0; k < 96; k++) s += a[i][k] * b[k][j];
        c[i][j] = s;
      }
  return (u32)c[17][19];
}
