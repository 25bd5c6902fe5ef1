// A small plugin in C, with static data, a stack and a buffer: what most of them look like.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))

static u8 room[64 << 10];
static u32 histogram[256];
static u32 calls;

EXPORT(vitrine_alloc) u32 alloc(u32 n) { return n <= sizeof room ? (u32)(unsigned long)room : 0; }

// greet counts the bytes of its input and answers with what it got, turned to capitals.
EXPORT(greet) u64 greet(const u8 *in, u32 n) {
	volatile u8 copy[256];
	calls++;
	for (u32 i = 0; i < n; i++) histogram[in[i]]++;
	for (u32 i = 0; i < n && i < sizeof copy; i++) copy[i] = in[i] >= 'a' && in[i] <= 'z' ? in[i] - 32 : in[i];
	for (u32 i = 0; i < n && i < sizeof copy; i++) room[i] = copy[i];
	return (u64)(u32)(unsigned long)room << 32 | n;
}

// calls answers how often greet was called.
EXPORT(count) u64 count(const u8 *in, u32 n) {
	room[0] = (u8)calls;
	return (u64)(u32)(unsigned long)room << 32 | 1;
}
