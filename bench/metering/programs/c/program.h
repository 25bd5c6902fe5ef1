// What the programs in C share. Unlike the kernels they use a real libc and its heap.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define EXPORT(name) __attribute__((export_name(#name)))

static inline uint32_t next(uint32_t *s) { // xorshift: the same numbers everywhere
  uint32_t x = *s;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *s = x;
}

static inline uint32_t hash(uint32_t h, const void *at, size_t n) {
  for (const uint8_t *p = at; n--; p++) h = (h ^ *p) * 16777619u;
  return h;
}
