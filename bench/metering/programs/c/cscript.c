// A small language: its source is compiled to a tree of closures on the heap, and run: variables by
// name in a hash table, lists that grow.
#include "program.h"

typedef struct List { double *at; uint32_t len, cap; } List;
typedef struct Var { const char *name; uint32_t len; double num; List list; struct Var *next; } Var;
static Var *table[256];

static Var *lookup(const char *name, uint32_t len) {
  Var **slot = &table[hash(2166136261u, name, len) & 255];
  for (Var *v = *slot; v; v = v->next) if (v->len == len && !memcmp(v->name, name, len)) return v;
  Var *v = calloc(1, sizeof *v);
  v->name = name; v->len = len; v->next = *slot;
  return *slot = v;
}

typedef struct Node Node;
struct Node { double (*eval)(Node *); Node *a, *b, *next; const char *name; uint32_t len; double num; };

static double eval(Node *n) { return n->eval(n); }
static double e_num(Node *n) { return n->num; }
static double e_var(Node *n) { return lookup(n->name, n->len)->num; }
static double e_set(Node *n) { double v = eval(n->a); return lookup(n->name, n->len)->num = v; }
static double e_add(Node *n) { return eval(n->a) + eval(n->b); }
static double e_sub(Node *n) { return eval(n->a) - eval(n->b); }
static double e_mul(Node *n) { return eval(n->a) * eval(n->b); }
static double e_mod(Node *n) { int64_t a = eval(n->a), b = eval(n->b); return b ? a % b : 0; }
static double e_less(Node *n) { return eval(n->a) < eval(n->b); }
static double e_push(Node *n) {
  List *l = &lookup(n->name, n->len)->list;
  if (l->len == l->cap) l->at = realloc(l->at, 8 * (l->cap = l->cap * 2 + 16));
  return l->at[l->len++] = eval(n->a);
}
static double e_at(Node *n) { List *l = &lookup(n->name, n->len)->list; uint32_t i = eval(n->a); return i < l->len ? l->at[i] : 0; }
static double e_while(Node *n) { double v = 0; while (eval(n->a)) for (Node *s = n->b; s; s = s->next) v = eval(s); return v; }
static double e_if(Node *n) { if (eval(n->a)) for (Node *s = n->b; s; s = s->next) eval(s); return 0; }

static const char *p;
static void space(void) { while (*p == ' ' || *p == '\n') p++; }
static Node *node(double (*f)(Node *)) { Node *n = calloc(1, sizeof *n); n->eval = f; return n; }
static Node *expr(void);
static Node *block(void) { // { ... }
  Node *first = 0, **tail = &first;
  space();
  for (p++, space(); *p != '}'; space()) { *tail = expr(); tail = &(*tail)->next; }
  p++;
  return first;
}
static Node *atom(void) {
  space();
  if (*p >= '0' && *p <= '9') {
    Node *n = node(e_num);
    while (*p >= '0' && *p <= '9') n->num = n->num * 10 + *p++ - '0';
    return n;
  }
  if (*p == '(') { p++; Node *n = expr(); space(); p++; return n; }
  const char *name = p;
  while (*p >= 'a' && *p <= 'z') p++;
  uint32_t len = p - name;
  Node *n = node(e_var);
  if ((len == 5 && !memcmp(name, "while", 5)) || (len == 2 && !memcmp(name, "if", 2))) {
    n->eval = len == 5 ? e_while : e_if;
    n->a = expr();
    n->b = block();
    return n;
  }
  n->name = name; n->len = len;
  space();
  switch (*p) {
  case '=': p++; n->eval = e_set; n->a = expr(); break;
  case '!': p++; n->eval = e_push; n->a = expr(); break;
  case '[': p++; n->eval = e_at; n->a = expr(); space(); p++; break;
  }
  return n;
}
static Node *expr(void) {
  Node *l = atom();
  for (;;) {
    double (*f)(Node *);
    space();
    switch (*p) {
    case '+': f = e_add; break;
    case '-': f = e_sub; break;
    case '*': f = e_mul; break;
    case '%': f = e_mod; break;
    case '<': f = e_less; break;
    default: return l;
    }
    p++;
    Node *n = node(f);
    n->a = l; n->b = atom();
    l = n;
  }
}

static const char source[] =
  "{ i = 2; count = 0; sum = 0\n"
  "  while (i < 9000) { prime = 1 k = 0\n"
  "    while ((k < count) * prime) { d = primes[k] if ((d * d) < (i + 1)) { if (i % d) < 1 { prime = 0 } }\n"
  "      if (i < (d * d)) { k = count } k = k + 1 }\n"
  "    if prime { primes ! i count = count + 1 sum = sum + i }\n"
  "    i = i + 1 }\n"
  "  j = 0 while (j < 600000) { squares ! j * j % 1009 j = j + 1 }\n"
  "  j = 0 while (j < 600000) { sum = sum + squares[j] j = j + 7 }\n"
  "}";

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t out = 0;
  while (n--) {
    char *text = malloc(sizeof source), *to = text;
    for (const char *s = source; *s; s++) if (*s != ';') *to++ = *s;
    *to = 0;
    p = text;
    for (int i = 0; i < 256; i++)
      for (Var *v = table[i]; v; v = v->next) { v->num = 0; v->list.len = 0; }
    for (Node *s = block(); s; s = s->next) eval(s);
    out = out * 31 + (uint32_t)lookup("sum", 3)->num;
  }
  return out;
}
