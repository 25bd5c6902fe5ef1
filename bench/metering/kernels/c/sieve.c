#include "kernel.h"
// Memory: tight loops over bytes.
static u8 composite[200000];
EXPORT(run) u32 run(u32 n) {
  u32 count = 0;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < sizeof composite; i++) composite[i] = 0;
    for (u32 i = 2; i < sizeof composite; i++) {
      if (composite[i]) continue;
      count++;
      for (u32 j = 2 * i; j < sizeof composite; j += i) composite[j] = 1;
    }
  }
  return count;
}
