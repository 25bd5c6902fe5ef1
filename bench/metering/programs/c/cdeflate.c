// Compression as zlib does it: LZ77 over hash chains, Huffman codes for what it finds, and back.
#include "program.h"

enum { SIZE = 3 << 20, WINDOW = 1 << 15, SYMBOLS = 512, END = 256 };

static uint8_t *text(uint32_t size) {
  static const char *words[] = {"the ", "of ", "sandbox ", "module ", "memory ", "function ", "import ", "table ", "\n", "<p>", "</p>", "guest "};
  uint8_t *t = malloc(size);
  uint32_t seed = 5;
  for (uint32_t i = 0; i < size;) {
    const char *w = words[next(&seed) % 12];
    while (*w && i < size) t[i++] = *w++;
    if (next(&seed) % 4 == 0 && i < size) t[i++] = 'a' + next(&seed) % 26;
  }
  return t;
}

// A symbol is a byte, the end, or a length with a distance behind it.
typedef struct { uint16_t symbol, distance; } Token;

static uint32_t find(const uint8_t *s, uint32_t n, Token *out) {
  int32_t *head = malloc(4 << 15), *prev = malloc(4 * WINDOW);
  memset(head, -1, 4 << 15);
  uint32_t count = 0;
  for (uint32_t i = 0; i < n;) {
    uint32_t best = 0, at = 0, step = 1;
    if (i + 3 < n) {
      uint32_t h = (s[i] | s[i + 1] << 8 | s[i + 2] << 16) * 2654435761u >> 17;
      int tries = 16;
      for (int32_t c = head[h]; c >= 0 && i - c < WINDOW && tries--; c = prev[c % WINDOW]) {
        uint32_t len = 0;
        while (len < 250 && i + len < n && s[c + len] == s[i + len]) len++;
        if (len > best) best = len, at = c;
      }
      prev[i % WINDOW] = head[h];
      head[h] = i;
    }
    if (best > 3) out[count++] = (Token){END + best, i - at}, step = best;
    else out[count++] = (Token){s[i], 0};
    i += step;
  }
  out[count++] = (Token){END, 0};
  free(head);
  free(prev);
  return count;
}

// codes finds how long the code of each symbol is, by the two rarest again and again.
static int left[2 * SYMBOLS], right[2 * SYMBOLS];
static int codes(const uint32_t *freq, uint32_t *code, uint8_t *bits) {
  uint32_t weight[2 * SYMBOLS];
  int alive[2 * SYMBOLS], n = 0, nodes = SYMBOLS;
  for (int i = 0; i < SYMBOLS; i++) if ((weight[i] = freq[i])) alive[n++] = i;
  while (n > 1) {
    for (int k = 0; k < 2; k++) {
      int least = k;
      for (int i = k + 1; i < n; i++) if (weight[alive[i]] < weight[alive[least]]) least = i;
      int t = alive[k]; alive[k] = alive[least]; alive[least] = t;
    }
    weight[nodes] = weight[alive[0]] + weight[alive[1]];
    left[nodes] = alive[0];
    right[nodes] = alive[1];
    alive[0] = nodes++;
    alive[1] = alive[--n];
  }
  int root = alive[0], stack[2 * SYMBOLS], sp = 0;
  code[root] = 0; bits[root] = 0;
  for (stack[sp++] = root; sp;) {
    int v = stack[--sp];
    if (v < SYMBOLS) continue;
    code[left[v]] = code[v] << 1; code[right[v]] = code[v] << 1 | 1;
    bits[left[v]] = bits[right[v]] = bits[v] + 1;
    stack[sp++] = left[v]; stack[sp++] = right[v];
  }
  return root;
}

typedef struct { uint8_t *at; uint64_t acc; int n; uint32_t len; } Bits;
static void put(Bits *b, uint32_t v, int n) {
  b->acc = b->acc << n | v;
  for (b->n += n; b->n >= 8; b->n -= 8) b->at[b->len++] = b->acc >> (b->n - 8);
}
static uint32_t get(Bits *b, int n) {
  for (; b->n < n; b->n += 8) b->acc = b->acc << 8 | b->at[b->len++];
  b->n -= n;
  return b->acc >> b->n & ((1u << n) - 1);
}

static uint32_t code[2 * SYMBOLS];
static uint8_t bits[2 * SYMBOLS];

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  while (n--) {
    uint8_t *in = text(SIZE), *back = malloc(SIZE);
    Token *tokens = malloc(sizeof(Token) * (SIZE + 1));
    uint32_t count = find(in, SIZE, tokens), freq[SYMBOLS] = {0}, len = 0;
    for (uint32_t i = 0; i < count; i++) freq[tokens[i].symbol]++;
    int root = codes(freq, code, bits);
    Bits w = {malloc(SIZE + 64)}, r = {w.at};
    for (uint32_t i = 0; i < count; i++) {
      put(&w, code[tokens[i].symbol], bits[tokens[i].symbol]);
      if (tokens[i].symbol > END) put(&w, tokens[i].distance, 15);
    }
    put(&w, 0, 8);
    for (;;) {
      int v = root;
      while (v >= SYMBOLS) v = get(&r, 1) ? right[v] : left[v];
      if (v == END) break;
      if (v < END) { back[len++] = v; continue; }
      uint32_t d = get(&r, 15);
      for (int k = v - END; k--; len++) back[len] = back[len - d];
    }
    if (len != SIZE || memcmp(in, back, SIZE)) return 0;
    sum = hash(sum, w.at, w.len);
    free(in); free(back); free(tokens); free(w.at);
  }
  return sum;
}
