#include "kernel.h"
// Interpreting: a byte code machine, one loop around one switch.
EXPORT(run) u32 run(u32 n) {
  static const u8 code[] = {0,100, 3, 1,1, 6, 2,7, 5, 4, 8,3, 9,1, 3, 10,2, 11};
  u32 acc = 0, x = 1, y = 2, pc = 0, count = 0;
  static u32 stack[64];
  u32 sp = 0, left = n * 20000;
  while (left--) {
    switch (code[pc]) {
    case 0: x += code[pc + 1]; pc += 2; break;
    case 1: y += code[pc + 1]; pc += 2; break;
    case 2: acc ^= x * code[pc + 1]; pc += 2; break;
    case 3: stack[sp++ & 63] = acc + x; pc++; break;
    case 4: acc += stack[--sp & 63]; pc++; break;
    case 5: acc = acc << 3 | acc >> 29; pc++; break;
    case 6: acc += x & y; pc++; break;
    case 7: acc -= y; pc++; break;
    case 8: y ^= acc >> code[pc + 1]; pc += 2; break;
    case 9: x = acc & 1 ? x + 1 : x - 1; pc += 2; break;
    case 10: count += code[pc + 1]; pc += 2; break;
    default: pc = 0;
    }
  }
  return acc + count;
}
