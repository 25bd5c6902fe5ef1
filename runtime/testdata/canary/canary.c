// Leaves its principal's mark wherever a guest in C can, and looks for those of others.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))

// In places.s.
extern u32 seen(u32 who);
extern void leave(u32 who), furnish(u32 who);

static u32 room[4], pages[16384], answer;

EXPORT(vitrine_alloc) u32 alloc(u32 n) { return (u32)(unsigned long)room; }

static void mark(volatile u32 *at, u32 n, const u32 *in) {
	for (u32 i = 0; i + 1 < n; i += 64) at[i] = in[0], at[i + 1] = in[1];
}

// canary takes a pattern, a principal's number, something that is for others, and what it is to do beside: 1 is to
// grow a table, 2 to trap when all is done. It answers how often it found the pattern with another number
// behind it, or such a number elsewhere.
EXPORT(canary) u64 canary(const u32 *in, u32 n) {
	volatile u32 stack[4096];
	u32 end = __builtin_wasm_memory_size(0) << 14, *all = 0;
	__asm__("" : "+r"(all));
	answer = seen(in[1]);
	for (u32 i = 0; i + 1 < end; i++)
		if (all[i] == in[0] && all[i + 1] != in[1]) answer++;
	mark(stack, 4096, in);
	mark(pages, 16384, in);
	u32 grown = __builtin_wasm_memory_grow(0, 2);
	if (grown != ~0u) mark((u32 *)(unsigned long)(grown << 16), 32768, in);
	leave(in[1]);
	if (in[3] == 1) furnish(in[1]);
	if (in[3] == 2) __builtin_trap();
	return (u64)(u32)(unsigned long)&answer << 32 | 4;
}
