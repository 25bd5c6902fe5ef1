// JSON as a server has it: a document of megabytes is written, parsed into a tree on the heap,
// written again and freed.
#include "program.h"

typedef struct { char *at; size_t len, cap; } Text;

static void put(Text *t, const char *s, size_t n) {
  if (t->len + n > t->cap) {
    t->cap = (t->len + n) * 2;
    t->at = realloc(t->at, t->cap);
  }
  memcpy(t->at + t->len, s, n);
  t->len += n;
}
static void word(Text *t, const char *s) { put(t, s, strlen(s)); }
static void number(Text *t, uint32_t v) {
  char b[10];
  int n = 0;
  do b[9 - n++] = '0' + v % 10; while (v /= 10);
  put(t, b + 10 - n, n);
}

typedef struct Node Node;
struct Node { char kind, *key, *text; uint32_t num; Node *first, *next; };

static Text document(uint32_t records) {
  Text t = {0};
  uint32_t seed = 7;
  word(&t, "[");
  for (uint32_t i = 0; i < records; i++) {
    word(&t, i ? ",{\"id\":" : "{\"id\":");
    number(&t, i);
    word(&t, ",\"name\":\"customer \\\"");
    number(&t, next(&seed) % 100000);
    word(&t, "\\\" of a long street\",\"active\":true,\"parent\":null,\"orders\":[");
    for (uint32_t k = next(&seed) % 8 + 1; k--;) {
      word(&t, "{\"sku\":\"");
      number(&t, next(&seed));
      word(&t, "\",\"count\":");
      number(&t, next(&seed) % 50);
      word(&t, k ? "}," : "}");
    }
    word(&t, "]}");
  }
  word(&t, "]");
  return t;
}

static const char *p;

static char *string(void) {
  const char *from = ++p;
  size_t n = 0;
  for (; *p != '"'; p++, n++) if (*p == '\\') p++;
  char *s = malloc(n + 1), *to = s;
  for (const char *q = from; q < p; q++) { if (*q == '\\') q++; *to++ = *q; }
  *to = 0;
  p++;
  return s;
}

static Node *value(void) {
  Node *v = calloc(1, sizeof *v), **tail = &v->first;
  switch (v->kind = *p) {
  case '[':
    for (p++; *p != ']';) { *tail = value(); tail = &(*tail)->next; if (*p == ',') p++; }
    p++;
    break;
  case '{':
    for (p++; *p != '}';) {
      char *key = string();
      p++;
      *tail = value();
      (*tail)->key = key;
      tail = &(*tail)->next;
      if (*p == ',') p++;
    }
    p++;
    break;
  case '"': v->text = string(); break;
  case 't': case 'n': p += 4; break;
  default: for (v->kind = '0'; *p >= '0' && *p <= '9'; p++) v->num = v->num * 10 + *p - '0';
  }
  return v;
}

static void quoted(Text *t, const char *s) {
  word(t, "\"");
  for (; *s; s++) { if (*s == '"' || *s == '\\') word(t, "\\"); put(t, s, 1); }
  word(t, "\"");
}

static void unparse(Text *t, const Node *v) {
  if (v->key) { quoted(t, v->key); word(t, ":"); }
  switch (v->kind) {
  case '[': case '{':
    put(t, &v->kind, 1);
    for (const Node *c = v->first; c; c = c->next) { unparse(t, c); if (c->next) word(t, ","); }
    word(t, v->kind == '[' ? "]" : "}");
    break;
  case '"': quoted(t, v->text); break;
  case 't': word(t, "true"); break;
  case 'n': word(t, "null"); break;
  default: number(t, v->num);
  }
}

static void drop(Node *v) {
  for (Node *c = v->first, *n; c; c = n) { n = c->next; drop(c); }
  free(v->key);
  free(v->text);
  free(v);
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  while (n--) {
    Text in = document(12000), out = {0};
    put(&in, "", 1);
    p = in.at;
    Node *v = value();
    unparse(&out, v);
    if (out.len != in.len - 1 || memcmp(out.at, in.at, out.len)) return 0;
    sum = hash(sum, out.at, out.len);
    drop(v);
    free(in.at);
    free(out.at);
  }
  return sum;
}
