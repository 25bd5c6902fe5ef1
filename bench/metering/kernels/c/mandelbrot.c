#include "kernel.h"
// Float: a nest of three loops without calls.
EXPORT(run) u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++)
    for (int y = 0; y < 96; y++)
      for (int x = 0; x < 96; x++) {
        double cr = x / 48.0 - 1.5, ci = y / 48.0 - 1.0, zr = 0, zi = 0;
        int i = 0;
        while (i < 50 && zr * zr + zi * zi < 4) {
          double t = zr * zr - zi * zi + cr;
          zi = 2 * zr * zi + ci;
          zr = t;
          i++;
        }
        sum += i;
      }
  return sum;
}
