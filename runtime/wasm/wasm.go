// Package wasm reads and writes the WebAssembly binary format.
//
// It knows the format and nothing else: no engine, no policy. Inspect uses it
// to say what a module asks for, the validator to decide whether a module may
// come in, and the meter to write the module that runs.
//
//	m, err := wasm.Decode(bytes)   // "wasm: offset 37: 5 types do not fit into 3 bytes"
//	m.Imports[0]                   // vitrine:core.take, type 0
//	bytes = m.Encode()
//
// Everything that is read is somebody else's: no count is believed before the
// bytes that are left could hold it, LEB128 numbers have the lengths that the
// specification allows, and what Decode allocates is bounded by a small
// multiple of its input. Decode does not look into function bodies; Reader.Instr
// does, one instruction at a time. The instruction set is that of WebAssembly
// 2.0 (sign extension, saturating truncation, multiple values, bulk memory,
// reference types, SIMD), which is what wazero has on by default.
package wasm

import "fmt"

// Error says what is wrong with a module, and where.
type Error struct {
	Offset int64  // in bytes from the start of the module
	Msg    string // one line, printable, bounded
	Limit  string // "memory" or "table" if it is the declared minimum of one that is too much
}

func (e *Error) Error() string { return fmt.Sprintf("wasm: offset %d: %s", e.Offset, e.Msg) }

// ValueType is the type of a value, as encoded.
type ValueType byte

// The value types.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

// Valid tells whether t is a value type of WebAssembly 2.0.
func (t ValueType) Valid() bool { return t >= V128 && t <= I32 || t.IsRef() }

// IsRef tells whether t is a reference type.
func (t ValueType) IsRef() bool { return t == FuncRef || t == ExternRef }

func (t ValueType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return fmt.Sprintf("type(0x%02x)", byte(t))
}

// FuncType is a function's parameters and results.
type FuncType struct {
	Params, Results []ValueType
}

// Equal tells whether two types are the same type.
func (t *FuncType) Equal(o *FuncType) bool {
	return string(valueBytes(t.Params)) == string(valueBytes(o.Params)) &&
		string(valueBytes(t.Results)) == string(valueBytes(o.Results))
}

// Key is a string that two types share exactly if they are equal.
func (t *FuncType) Key() string {
	b := make([]byte, 0, len(t.Params)+len(t.Results)+1)
	b = append(b, valueBytes(t.Params)...)
	b = append(b, 0)
	return string(append(b, valueBytes(t.Results)...))
}

// Kind is what an import or an export is.
type Kind byte

// The kinds of imports and exports.
const (
	KindFunc   Kind = 0
	KindTable  Kind = 1
	KindMemory Kind = 2
	KindGlobal Kind = 3
)

func (k Kind) String() string {
	if k > KindGlobal {
		return fmt.Sprintf("kind(%d)", byte(k))
	}
	return [...]string{"func", "table", "memory", "global"}[k]
}

// Limits are the size of a memory, in pages of 64 KiB, or of a table, in elements.
type Limits struct {
	Min    uint32
	Max    uint32 // meaningful only if HasMax
	HasMax bool
	// Lowered says that Max is a limit of the host's and not the module's own. It is not
	// part of the binary format.
	Lowered bool
}

// TableType is the type of a table.
type TableType struct {
	Elem   ValueType
	Limits Limits
}

// GlobalType is the type of a global.
type GlobalType struct {
	Type    ValueType
	Mutable bool
}

// Import is one import. Type, Table, Memory and Global are set by Kind.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         uint32 // index of the function's type
	Table        TableType
	Memory       Limits
	Global       GlobalType
	Offset       int64
}

// Export is one export.
type Export struct {
	Name   string
	Kind   Kind
	Index  uint32
	Offset int64
}

// Expr is a constant expression with its closing end, and where it began.
type Expr struct {
	Bytes  []byte
	Offset int64
}

// Global is a global that the module defines.
type Global struct {
	Type GlobalType
	Init Expr
}

// SegmentMode is how an element or data segment is used.
type SegmentMode byte

// The modes of segments.
const (
	Active SegmentMode = iota
	Passive
	Declarative // element segments only
)

// Elem is an element segment: either Funcs or, if UseExprs, Exprs.
type Elem struct {
	Mode     SegmentMode
	Table    uint32
	At       Expr // of active segments
	Type     ValueType
	Funcs    []uint32
	Exprs    []Expr
	UseExprs bool
	Offset   int64
}

// Data is a data segment.
type Data struct {
	Mode   SegmentMode
	Memory uint32
	At     Expr // of active segments
	Bytes  []byte
	Offset int64
}

// Code is a function's body as encoded: its locals, its instructions and the
// closing end.
type Code struct {
	Bytes  []byte
	Offset int64
	Facts  *Facts // what the validator has seen in it; nil before
}

// Facts are what the validator notes of a function's body as it goes through it.
type Facts struct {
	Locals   int      // parameters included
	Stack    int      // the most operands it has at a time
	Calls    []uint32 // the functions that it calls, in order
	Indirect []uint32 // the types of its indirect calls, in order
	Refs     []uint32 // the functions that it takes references of
	Bulk     int      // memory and table instructions that an engine makes a call for
	// Alters says that it changes what neither memory nor a numeric global holds: a table, a
	// segment that it drops, a global with a reference or a vector.
	Alters   bool
	LeafLoop bool     // there may be a loop without calls in it
	CallLoop bool     // there may be a loop with calls in it
	Work     int      // nanoseconds that an engine may take to compile it, at worst
	Selects  []Select // of floats and vectors, in order
}

// Select is a select instruction, with or without a type.
type Select struct {
	Pos  uint32 // where it begins in Code.Bytes
	Type ValueType
}

// Custom is a custom section.
type Custom struct {
	Name   string
	Bytes  []byte
	Offset int64
}

// Module is a decoded module. Byte slices point into the bytes it was decoded
// from. The indices in it are as encoded: Decode does not check that what they
// name exists.
type Module struct {
	Types    []FuncType
	Imports  []Import
	Funcs    []uint32 // types of the functions that the module defines
	Tables   []TableType
	Memories []Limits
	Globals  []Global
	Exports  []Export
	Start    int64 // -1 if there is none
	Elems    []Elem
	// DataCount is the content of the section of that name, -1 without one.
	DataCount int64
	Code      []Code
	Data      []Data
	Customs   []Custom
}

// Imported returns how many imports there are of a kind.
func (m *Module) Imported(k Kind) int {
	n := 0
	for i := range m.Imports {
		if m.Imports[i].Kind == k {
			n++
		}
	}
	return n
}

// FuncTypes returns the type index of each function, the imported ones first.
func (m *Module) FuncTypes() []uint32 {
	t := make([]uint32, 0, len(m.Imports)+len(m.Funcs))
	for i := range m.Imports {
		if m.Imports[i].Kind == KindFunc {
			t = append(t, m.Imports[i].Type)
		}
	}
	return append(t, m.Funcs...)
}

// GlobalTypes returns the type of each global, the imported ones first.
func (m *Module) GlobalTypes() []GlobalType {
	t := make([]GlobalType, 0, len(m.Globals))
	for i := range m.Imports {
		if m.Imports[i].Kind == KindGlobal {
			t = append(t, m.Imports[i].Global)
		}
	}
	for i := range m.Globals {
		t = append(t, m.Globals[i].Type)
	}
	return t
}

// TableTypes returns the type of each table, the imported ones first.
func (m *Module) TableTypes() []TableType {
	var t []TableType
	for i := range m.Imports {
		if m.Imports[i].Kind == KindTable {
			t = append(t, m.Imports[i].Table)
		}
	}
	return append(t, m.Tables...)
}

// MemoryTypes returns the size of each memory, the imported ones first.
func (m *Module) MemoryTypes() []Limits {
	var t []Limits
	for i := range m.Imports {
		if m.Imports[i].Kind == KindMemory {
			t = append(t, m.Imports[i].Memory)
		}
	}
	return append(t, m.Memories...)
}

func valueBytes(t []ValueType) []byte {
	b := make([]byte, len(t))
	for i, v := range t {
		b[i] = byte(v)
	}
	return b
}
