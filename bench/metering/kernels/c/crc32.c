#include "kernel.h"
// Hashing: one table look-up a byte.
static u32 table[256];
static u8 buf[65536];
EXPORT(run) u32 run(u32 n) {
  for (u32 i = 0; i < 256; i++) { u32 c = i; for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1; table[i] = c; }
  for (int i = 0; i < 65536; i++) buf[i] = i * 31;
  u32 c = ~0u;
  for (u32 r = 0; r < n; r++) for (int i = 0; i < 65536; i++) c = table[(u8)c ^ buf[i]] ^ c >> 8;
  return ~c;
}
