#include "kernel.h"
// Float and small calls: the spectral norm.
NOINLINE static double elem(int i, int j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }
static double u[100], v[100], t[100];
NOINLINE static void mul(const double *x, double *y, int tr) {
  for (int i = 0; i < 100; i++) { double s = 0; for (int j = 0; j < 100; j++) s += (tr ? elem(j, i) : elem(i, j)) * x[j]; y[i] = s; }
}
EXPORT(run) u32 run(u32 n) {
  for (int i = 0; i < 100; i++) u[i] = 1;
  for (u32 r = 0; r < n; r++) { mul(u, t, 0); mul(t, v, 1); mul(v, t, 0); mul(t, u, 1); for (int i = 0; i < 100; i++) u[i] /= 1.6; }
  return (u32)(u[7] * 1e6);
}
