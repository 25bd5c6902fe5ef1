#include "kernel.h"
// Compression: LZ77 with a hash table, and back.
static u8 in[65536], out[131072], back[65536];
static u32 head[4096];
NOINLINE static u32 pack(const u8 *s, u32 n, u8 *d) {
  u32 o = 0, i = 0;
  for (u32 k = 0; k < 4096; k++) head[k] = 0;
  while (i < n) {
    u32 len = 0, at = 0;
    if (i + 4 < n) {
      u32 h = ((s[i] << 16 | s[i+1] << 8 | s[i+2]) * 2654435761u) >> 20;
      at = head[h];
      head[h] = i + 1;
      if (at) { at--; while (len < 255 && i + len < n && s[at + len] == s[i + len]) len++; }
    }
    if (len >= 4 && i - at < 65536) { d[o++] = 1; d[o++] = len; d[o++] = (i - at) >> 8; d[o++] = i - at; i += len; }
    else { d[o++] = 0; d[o++] = s[i++]; }
  }
  return o;
}
NOINLINE static u32 unpack(const u8 *s, u32 n, u8 *d) {
  u32 o = 0;
  for (u32 i = 0; i < n;) {
    if (s[i]) { u32 len = s[i+1], dist = s[i+2] << 8 | s[i+3]; for (u32 k = 0; k < len; k++, o++) d[o] = d[o - dist]; i += 4; }
    else { d[o++] = s[i+1]; i += 2; }
  }
  return o;
}
EXPORT(run) u32 run(u32 n) {
  u32 s = 1, sum = 0;
  static const char words[] = "the quick brown fox jumps over the lazy dog and runs away from here to there ";
  for (u32 i = 0; i < 65536;) { u32 k = next(&s) % 70, l = 3 + next(&s) % 6; for (u32 j = 0; j < l && i < 65536; j++) in[i++] = words[k + j]; }
  for (u32 r = 0; r < n; r++) { u32 o = pack(in, 65536, out); sum += o + unpack(out, o, back) + back[777]; }
  return sum;
}
