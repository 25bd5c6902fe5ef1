#include "kernel.h"
// Pointers: build, reverse and walk a list, and a tree by recursion.
struct node { struct node *l, *r; u32 v; };
static struct node pool[8192];
static u32 used;
NOINLINE static struct node *insert(struct node *t, u32 v) {
  if (!t) { t = &pool[used++]; t->l = t->r = 0; t->v = v; return t; }
  if (v < t->v) t->l = insert(t->l, v); else t->r = insert(t->r, v);
  return t;
}
NOINLINE static u32 sum(const struct node *t) { return t ? t->v + 3 * sum(t->l) + sum(t->r) : 1; }
EXPORT(run) u32 run(u32 n) {
  u32 total = 0, s = 7;
  for (u32 r = 0; r < n; r++) {
    struct node *t = 0;
    used = 0;
    for (int i = 0; i < 2000; i++) t = insert(t, next(&s));
    total += sum(t);
  }
  return total;
}
