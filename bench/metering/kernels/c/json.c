#include "kernel.h"
// Parsing: a recursive descent over JSON.
static char text[40000];
static const char *p;
static u32 sum;
static void space(void) { while (*p == ' ' || *p == '\n') p++; }
NOINLINE static void string(void) { for (p++; *p != '"'; p++) { if (*p == '\\') p++; sum = sum * 31 + *p; } p++; }
NOINLINE static void number(void) { i32 v = 0; while (*p >= '0' && *p <= '9') v = v * 10 + *p++ - '0'; sum += v; }
NOINLINE static void value(void) {
  space();
  switch (*p) {
  case '{': for (p++, space(); *p != '}';) { string(); space(); p++; value(); space(); if (*p == ',') { p++; space(); } } p++; break;
  case '[': for (p++, space(); *p != ']';) { value(); space(); if (*p == ',') { p++; space(); } } p++; break;
  case '"': string(); break;
  case 't': case 'n': p += 4; break;
  case 'f': p += 5; break;
  default: number();
  }
}
EXPORT(run) u32 run(u32 n) {
  static const char item[] = "{\"id\": 12345, \"name\": \"some name here\", \"tags\": [\"a\", \"bc\", \"def\"], \"ok\": true, \"sub\": {\"x\": 1, \"y\": [1, 2, 3, [4, 5]]}},\n";
  u32 o = 0;
  text[o++] = '[';
  for (int r = 0; r < 250; r++) for (u32 i = 0; i < sizeof item - 1; i++) text[o++] = item[i];
  text[o - 2] = ']';
  text[o] = 0;
  for (u32 r = 0; r < n; r++) { p = text; value(); }
  return sum;
}
