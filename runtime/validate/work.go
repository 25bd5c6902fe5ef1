package validate

import "github.com/vitrine-run/vitrine/runtime/wasm"

// Work is an estimate of how long wazero takes to compile a module when it is rewritten, in nanoseconds of
// the machine of RATIONALE.md's figures. It is what the worst code of a kind takes and not what usual code
// does, which is two to four times less: an attacker chooses the code.
//
// Most instructions are cheap. What may trap is not: a check with a way out of the machine code, dearer
// in long functions. A value that a call moves and a block cost as much, and blocks cost their square.
// Every loop may begin with a value of its own for each local; wazero, looking for those that need none, goes
// over all of a branch's for each of them, and again for each loop around. A local that is used late costs in
// each block that it lives through; which do is not looked at, so a function pays as if all did.
const (
	workFunc    = 10_000
	workByte    = 150
	workFarByte = 200   // the same, more of it, for each byte after farBytes in a function
	workExit    = 4_000 // a check: of an address, a divisor, a number to truncate
	workFar     = 6_000 // the same, more of it, for each check or call after farExits
	workValue   = 1_000 // a parameter or result of a call, or a value that a branch carries
	workBlock   = 2_500
	workSquare  = 20 // of a function's blocks, squared
	workLabel   = 2_200
	workLive    = 2_800 // of a function's blocks, for each of its locals after the first fewLocals: a value that lives through a block
	workJoin    = 6     // of a function's blocks, times the square of its locals, if it has a loop: values that meet only to be found the same
	workPhi     = 16    // of a function's locals squared, times its loops, as they are nested, and times what branches back to them

	fewLocals  = 24 // as many as an engine holds at no great cost
	loopBlocks = 3  // which the meter puts around a loop
	farBytes   = 100_000
	farExits   = 4_000
)

// exitsOf says how many checks an engine makes of an instruction.
func exitsOf(op wasm.Opcode) int {
	info := op.Info()
	switch {
	case op == wasm.OpCallIndirect:
		return 3
	case op == wasm.OpTableGet || op == wasm.OpTableSet || op == wasm.OpMemoryGrow || op >= wasm.OpMemoryInit && op <= wasm.OpTableFill:
		return 2
	case info.Shape == wasm.ShapeMem || info.Shape == wasm.ShapeMemLane:
		return 1
	case op >= opI32DivS && op <= opI32RemU || op >= opI64DivS && op <= opI64RemU:
		return 1
	case op >= opTrunc32 && op <= opTrunc32End || op >= opTrunc64 && op <= opTrunc64End:
		return 1
	}
	return 0
}

// The instructions that may trap by their operands, as ranges of opcodes.
const (
	opI32DivS, opI32RemU    wasm.Opcode = 0x6d, 0x70
	opI64DivS, opI64RemU    wasm.Opcode = 0x7f, 0x82
	opTrunc32, opTrunc32End wasm.Opcode = 0xa8, 0xab // i32.trunc_f32_s to i32.trunc_f64_u
	opTrunc64, opTrunc64End wasm.Opcode = 0xae, 0xb1 // i64.trunc_f32_s to i64.trunc_f64_u
)

// exits holds exitsOf by the opcode's page (plain, 0xfc, 0xfd) and low byte.
var exits = makeExits()

func makeExits() *[3][256]uint8 {
	var t [3][256]uint8
	for page, prefix := range []wasm.Opcode{0, 0xfc00, 0xfd00} {
		for i := range 256 {
			t[page][i] = uint8(exitsOf(prefix | wasm.Opcode(i)))
		}
	}
	return &t
}

// note counts an instruction that is not a usual one.
func (b *body) note(op wasm.Opcode) {
	page := 0
	if op >= 0xfc00 {
		page = int(op>>8) - 0xfb
	}
	b.exits += int(exits[page][op&0xff])
}

// work is the estimate for the function that was checked.
func (b *body) work() int {
	bytes, blocks := len(b.code), b.blocks+loopBlocks*b.loops
	locals, joins := len(b.locals), 0
	if b.loops > 0 {
		joins = blocks * locals * locals
	}
	return workFunc + workByte*bytes + workFarByte*max(0, bytes-farBytes) +
		workExit*b.exits + workFar*max(0, b.exits+b.calls-farExits) + workValue*b.moves +
		workBlock*blocks + workSquare*blocks*blocks + workLabel*b.labels +
		workLive*blocks*max(0, locals-fewLocals) + workJoin*joins + workPhi*(b.loopLocals+b.backs*locals)*locals
}
