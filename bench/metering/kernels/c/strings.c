#include "kernel.h"
// Bytes: lengths, copies and comparisons, each a loop of a few instructions in a function of its own.
NOINLINE static u32 len(const char *s) { u32 n = 0; while (s[n]) n++; return n; }
NOINLINE static void copy(char *d, const char *s) { while ((*d++ = *s++)); }
NOINLINE static int compare(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a - *b; }
static char a[64][64], b[64][64];
EXPORT(run) u32 run(u32 n) {
  u32 s = 1, sum = 0;
  for (int i = 0; i < 64; i++) { u32 l = 8 + next(&s) % 50; for (u32 j = 0; j < l; j++) a[i][j] = 'a' + (j * i) % 3; a[i][l] = 0; }
  for (u32 r = 0; r < n * 20; r++)
    for (int i = 0; i < 64; i++) { copy(b[i], a[(i + r) & 63]); sum += len(b[i]) + compare(b[i], a[i]); }
  return sum;
}
