package wasm

import "fmt"

// Opcode is an instruction: its byte, or 0xfc00 or 0xfd00 and the number that
// follows these prefixes.
type Opcode uint16

// The instructions that this module's packages name; the others are in the
// tables only.
const (
	OpUnreachable  Opcode = 0x00
	OpNop          Opcode = 0x01
	OpBlock        Opcode = 0x02
	OpLoop         Opcode = 0x03
	OpIf           Opcode = 0x04
	OpElse         Opcode = 0x05
	OpEnd          Opcode = 0x0b
	OpBr           Opcode = 0x0c
	OpBrIf         Opcode = 0x0d
	OpBrTable      Opcode = 0x0e
	OpReturn       Opcode = 0x0f
	OpCall         Opcode = 0x10
	OpCallIndirect Opcode = 0x11
	OpDrop         Opcode = 0x1a
	OpSelect       Opcode = 0x1b
	OpSelectT      Opcode = 0x1c
	OpLocalGet     Opcode = 0x20
	OpLocalSet     Opcode = 0x21
	OpLocalTee     Opcode = 0x22
	OpGlobalGet    Opcode = 0x23
	OpGlobalSet    Opcode = 0x24
	OpTableGet     Opcode = 0x25
	OpTableSet     Opcode = 0x26
	OpMemorySize   Opcode = 0x3f
	OpMemoryGrow   Opcode = 0x40
	OpI32Const     Opcode = 0x41
	OpI64Const     Opcode = 0x42
	OpF32Const     Opcode = 0x43
	OpF64Const     Opcode = 0x44
	OpI32Eqz       Opcode = 0x45
	OpI32LtU       Opcode = 0x49
	OpI32GtU       Opcode = 0x4b
	OpI64LtS       Opcode = 0x53
	OpI64GtU       Opcode = 0x56
	OpI32Add       Opcode = 0x6a
	OpI32Sub       Opcode = 0x6b
	OpI32ShrU      Opcode = 0x76
	OpI64Add       Opcode = 0x7c
	OpI64Sub       Opcode = 0x7d
	OpI64Mul       Opcode = 0x7e
	OpI64Or        Opcode = 0x84
	OpI64Shl       Opcode = 0x86
	OpI64ShrU      Opcode = 0x88
	OpI64ExtendU   Opcode = 0xad // i64.extend_i32_u
	OpRefNull      Opcode = 0xd0
	OpRefIsNull    Opcode = 0xd1
	OpRefFunc      Opcode = 0xd2
	OpMemoryInit   Opcode = 0xfc08
	OpDataDrop     Opcode = 0xfc09
	OpMemoryCopy   Opcode = 0xfc0a
	OpMemoryFill   Opcode = 0xfc0b
	OpTableInit    Opcode = 0xfc0c
	OpElemDrop     Opcode = 0xfc0d
	OpTableCopy    Opcode = 0xfc0e
	OpTableGrow    Opcode = 0xfc0f
	OpTableSize    Opcode = 0xfc10
	OpTableFill    Opcode = 0xfc11
	OpV128Const    Opcode = 0xfd0c
)

// OpInfo describes an instruction.
type OpInfo struct {
	Name  string // as in the text format; empty if there is no such instruction
	Shape Shape
	Align uint8  // of memory accesses: the natural alignment's exponent
	Lanes uint8  // how many lanes an immediate lane may name
	Sig   string // the type, if it does not depend on anything
}

// Info returns the description of an opcode.
func (op Opcode) Info() *OpInfo {
	switch op >> 8 {
	case 0xfc:
		return &miscInfos[op&0xff]
	case 0xfd:
		return &simdInfos[op&0xff]
	}
	return &opInfos[op&0xff]
}

func (op Opcode) String() string {
	if n := op.Info().Name; n != "" {
		return n
	}
	return fmt.Sprintf("op(0x%x)", uint16(op))
}

// Shape is which immediates follow an opcode.
type Shape uint8

// The shapes, with where Reader.Instr puts the immediates.
const (
	ShapeNone         Shape = iota
	ShapeBlock              // A: type index, or the value type, or 0; B: BlockIndex, BlockValue or BlockEmpty
	ShapeLabel              // A: label
	ShapeBrTable            // A: labels without the default; B: bytes from the instruction's start to the first label
	ShapeFunc               // A: function
	ShapeCallIndirect       // A: type, B: table
	ShapeTypes              // A: how many, B: the first
	ShapeLocal              // A: local
	ShapeGlobal             // A: global
	ShapeTable              // A: table
	ShapeMem                // A: alignment's exponent, B: offset
	ShapeMemory             // a zero byte
	ShapeI32                // A: value
	ShapeI64                // A: low half, B: high half
	ShapeF32                // skipped
	ShapeF64                // skipped
	ShapeRefType            // A: reference type
	ShapeDataMemory         // A: data segment, and a zero byte
	ShapeData               // A: data segment
	ShapeMemoryMemory       // two zero bytes
	ShapeElemTable          // A: element segment, B: table
	ShapeElem               // A: element segment
	ShapeTableTable         // A: destination, B: source
	ShapeV128               // skipped
	ShapeShuffle            // A: the largest lane
	ShapeMemLane            // A: alignment's exponent, B: offset; Lane
	ShapeLane               // Lane
)

// What B is for ShapeBlock.
const (
	BlockEmpty uint32 = iota
	BlockValue
	BlockIndex
)

// Instr is a decoded instruction.
type Instr struct {
	Op   Opcode
	Lane uint8
	Pos  uint32 // where it begins, in bytes from the start of the reader's bytes
	A, B uint32 // immediates, see the shapes
}

// Instr reads one instruction into in.
func (r *Reader) Instr(in *Instr) {
	if !r.shortInstr(in) {
		r.anyInstr(in)
	}
}

// shapes is the shape of the instructions of one byte, close together.
var shapes = makeShapes()

func makeShapes() (t [256]Shape) {
	for i := range opInfos {
		if t[i] = opInfos[i].Shape; opInfos[i].Name == "" {
			t[i] = ShapeV128 // none of those that shortInstr knows
		}
	}
	return t
}

// shortInstr reads the instructions that most code is made of, if their
// immediates are short, and says no to all others.
func (r *Reader) shortInstr(in *Instr) bool {
	pos := r.pos
	if pos+2 >= len(r.b) {
		return false
	}
	b := r.b[pos : pos+3 : pos+3]
	switch shapes[b[0]] {
	case ShapeNone:
		*in = Instr{Op: Opcode(b[0]), Pos: uint32(pos)}
		r.pos = pos + 1
		return true
	case ShapeLocal, ShapeLabel, ShapeGlobal, ShapeFunc:
		*in = Instr{Op: Opcode(b[0]), Pos: uint32(pos), A: uint32(b[1])}
		if b[1] >= 0x80 {
			if b[2] >= 0x80 {
				return false
			}
			in.A = uint32(b[1]&0x7f) | uint32(b[2])<<7
			r.pos = pos + 3
			return true
		}
	case ShapeI32:
		if b[1] >= 0x80 {
			return false
		}
		*in = Instr{Op: Opcode(b[0]), Pos: uint32(pos), A: uint32(int32(int8(b[1]<<1)) >> 1)}
	case ShapeMem:
		if b[1]|b[2] >= 0x80 {
			return false
		}
		*in = Instr{Op: Opcode(b[0]), Pos: uint32(pos), A: uint32(b[1]), B: uint32(b[2])}
		r.pos = pos + 3
		return true
	case ShapeBlock:
		*in = Instr{Op: Opcode(b[0]), Pos: uint32(pos)}
		if t := ValueType(b[1]); t.Valid() {
			in.A, in.B = uint32(t), BlockValue
		} else if t != 0x40 {
			return false
		}
	default:
		return false
	}
	r.pos = pos + 2
	return true
}

func (r *Reader) anyInstr(in *Instr) {
	pos := r.pos
	op := Opcode(r.Byte())
	if op == 0xfc || op == 0xfd {
		sub := r.U32()
		if sub > 0xff {
			r.failAt(r.base+int64(pos), "illegal opcode 0x%02x %d: not in WebAssembly 2.0", uint16(op), sub)
		}
		op = op<<8 | Opcode(sub&0xff)
	}
	info := op.Info()
	if info.Name == "" {
		r.failAt(r.base+int64(pos), "illegal opcode 0x%02x: not in WebAssembly 2.0 (tail calls, threads, exceptions and garbage collection are off)", uint16(op))
	}
	*in = Instr{Op: op, Pos: uint32(pos)}
	if info.Shape != ShapeNone {
		r.immediates(info.Shape, in)
	}
}

func (r *Reader) immediates(s Shape, in *Instr) {
	switch s {
	case ShapeLocal, ShapeLabel, ShapeGlobal, ShapeFunc, ShapeTable, ShapeElem, ShapeData:
		in.A = r.U32()
	case ShapeI32:
		in.A = uint32(r.S32())
	case ShapeMem:
		in.A, in.B = r.U32(), r.U32()
	case ShapeBlock:
		in.A, in.B = r.blockType()
	case ShapeBrTable:
		in.A = uint32(r.Count("labels", 1))
		in.B = uint32(r.pos) - in.Pos
		for range in.A {
			r.U32()
		}
		r.U32()
	case ShapeI64:
		v := uint64(r.S64())
		in.A, in.B = uint32(v), uint32(v>>32)
	case ShapeF32:
		r.Bytes(4)
	case ShapeF64:
		r.Bytes(8)
	case ShapeCallIndirect, ShapeElemTable, ShapeTableTable:
		in.A, in.B = r.U32(), r.U32()
	case ShapeMemory:
		r.zero()
	case ShapeDataMemory:
		in.A = r.U32()
		r.zero()
	case ShapeMemoryMemory:
		r.zero()
		r.zero()
	default:
		r.rareImmediates(s, in)
	}
}

func (r *Reader) rareImmediates(s Shape, in *Instr) {
	switch s {
	case ShapeTypes:
		in.A = uint32(r.Count("types", 1))
		for i := range in.A {
			if t := uint32(r.ValueType()); i == 0 {
				in.B = t
			}
		}
	case ShapeRefType:
		t := r.ValueType()
		if r.err == nil && !t.IsRef() {
			r.failAt(r.Offset()-1, "%s is not a reference type", t)
		}
		in.A = uint32(t)
	case ShapeV128:
		r.Bytes(16)
	case ShapeShuffle:
		for _, l := range r.Bytes(16) {
			in.A = max(in.A, uint32(l))
		}
	case ShapeMemLane:
		in.A, in.B = r.U32(), r.U32()
		in.Lane = r.Byte()
	case ShapeLane:
		in.Lane = r.Byte()
	}
}

func (r *Reader) zero() {
	if c := r.Byte(); c != 0 {
		r.failAt(r.Offset()-1, "zero byte expected, not 0x%02x: there is one memory at most", c)
	}
}

func (r *Reader) blockType() (a, b uint32) {
	switch c := r.Peek(); {
	case c == 0x40:
		r.Byte()
		return 0, BlockEmpty
	case ValueType(c).Valid():
		r.Byte()
		return uint32(c), BlockValue
	}
	off := r.Offset()
	v := r.S33()
	if r.err == nil && v < 0 {
		r.failAt(off, "malformed block type")
		return 0, BlockEmpty
	}
	return uint32(v), BlockIndex
}
