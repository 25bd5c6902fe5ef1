#include "kernel.h"
// Float: the planets, with square roots.
static double p[5][3] = {{0,0,0},{4.84,-1.16,-0.10},{8.34,4.12,-0.4},{12.89,-15.11,-0.22},{15.37,-25.9,0.17}};
static double v[5][3] = {{0,0,0},{0.6,2.8,-0.02},{-1.01,1.8,0.008},{1.08,0.86,-0.01},{0.97,0.59,-0.03}};
static const double m[5] = {39.47,0.037,0.011,0.0017,0.002};
EXPORT(run) u32 run(u32 n) {
  for (u32 r = 0; r < n * 1000; r++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double d[3], q = 0;
        for (int k = 0; k < 3; k++) { d[k] = p[i][k] - p[j][k]; q += d[k] * d[k]; }
        double mag = 0.001 / (q * __builtin_sqrt(q));
        for (int k = 0; k < 3; k++) { v[i][k] -= d[k] * m[j] * mag; v[j][k] += d[k] * m[i] * mag; }
      }
    for (int i = 0; i < 5; i++) for (int k = 0; k < 3; k++) p[i][k] += 0.001 * v[i][k];
  }
  return (u32)(i32)(p[0][0] * 1e6);
}
