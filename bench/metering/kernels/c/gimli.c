#include "kernel.h"
// Integer: the Gimli permutation, with a switch in its loop.
static u32 st[12];
#define ROT(x, n) ((x) << (n) | (x) >> (32 - (n)))
NOINLINE static void gimli(u32 *s) {
  for (int r = 24; r > 0; r--) {
    for (int c = 0; c < 4; c++) {
      u32 x = ROT(s[c], 24), y = ROT(s[4 + c], 9), z = s[8 + c];
      s[8 + c] = x ^ z << 1 ^ (y & z) << 2; s[4 + c] = y ^ x ^ (x | z) << 1; s[c] = z ^ y ^ (x & y) << 3;
    }
    u32 t;
    switch (r & 3) {
    case 0: t = s[0]; s[0] = s[1]; s[1] = t; t = s[2]; s[2] = s[3]; s[3] = t; s[0] ^= 0x9e377900 | r; break;
    case 2: t = s[0]; s[0] = s[2]; s[2] = t; t = s[1]; s[1] = s[3]; s[3] = t; break;
    }
  }
}
EXPORT(run) u32 run(u32 n) { for (u32 r = 0; r < n * 1000; r++) gimli(st); return st[0]; }
