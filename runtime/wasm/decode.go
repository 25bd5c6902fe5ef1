package wasm

// The identifiers of sections.
const (
	secCustom    = 0
	secType      = 1
	secImport    = 2
	secFunc      = 3
	secTable     = 4
	secMemory    = 5
	secGlobal    = 6
	secExport    = 7
	secStart     = 8
	secElem      = 9
	secCode      = 10
	secData      = 11
	secDataCount = 12
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory", "global",
	"export", "start", "element", "code", "data", "data count"}

// sectionOrder is the place of each section; data count comes before code.
var sectionOrder = [...]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10}

// Counts are how many of each kind a module may have; zero is no bound but that they fit
// into the bytes. What is decoded takes up to forty times the bytes of the smallest elements,
// so a count is held against its bound before any of them is read.
type Counts struct {
	Types, Imports, Funcs, Tables, Globals, Exports, Elems, ElemItems, Datas, Customs int
}

// Decode reads a module without bounds on its counts: one that was let in before.
func Decode(b []byte) (*Module, error) { return DecodeWithin(b, &Counts{}) }

// DecodeWithin reads a module. The error is an *Error. The module keeps pointing
// into b, which must not change afterwards.
func DecodeWithin(b []byte, most *Counts) (*Module, error) {
	r := NewReader(b, 0)
	m := &Module{Start: -1, DataCount: -1}
	if len(b) < 4 || string(b[:4]) != Preamble[:4] {
		return nil, &Error{Offset: 0, Msg: "magic header not detected: this is not a WebAssembly module"}
	}
	if len(b) < 8 || string(b[4:8]) != Preamble[4:] {
		return nil, &Error{Offset: 4, Msg: "unknown binary version: not a core module of version 1"}
	}
	r.Bytes(8)
	var last byte
	for r.Len() > 0 && r.err == nil {
		off := r.Offset()
		id := r.Byte()
		if int(id) >= len(sectionNames) {
			r.failAt(off, "malformed section id: %d is not a section of WebAssembly 2.0", id)
			break
		}
		if id != secCustom {
			if sectionOrder[id] <= last {
				r.failAt(off, "unexpected content after last section: section %s is out of order or there twice", sectionNames[id])
				break
			}
			last = sectionOrder[id]
		}
		size := r.U32()
		at := r.Offset()
		s := NewReader(r.Bytes(size), at)
		if r.err != nil {
			break
		}
		decodeSection(m, id, s, most)
		if s.err == nil && s.Len() > 0 {
			s.Fail("section size mismatch: %d bytes too many in section %s", s.Len(), sectionNames[id])
		}
		r.err = s.err
	}
	if r.err == nil && len(m.Funcs) != len(m.Code) {
		r.Fail("function and code section have inconsistent lengths: %d functions, %d bodies", len(m.Funcs), len(m.Code))
	}
	if r.err == nil && m.DataCount >= 0 && int(m.DataCount) != len(m.Data) {
		r.Fail("data count and data section have inconsistent lengths: %d counted, %d there", m.DataCount, len(m.Data))
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

func decodeSection(m *Module, id byte, r *Reader, most *Counts) {
	switch id {
	case secCustom:
		off := r.Offset()
		name := r.Name()
		if r.atMost(len(m.Customs)+1, most.Customs, "custom sections", off) {
			return
		}
		m.Customs = append(m.Customs, Custom{name, r.Bytes(uint32(r.Len())), off})
	case secType:
		decodeTypes(m, r, most.Types)
	case secImport:
		m.Imports = vector(r, "imports", 4, most.Imports, readImport)
	case secFunc:
		m.Funcs = vector(r, "functions", 1, most.Funcs, (*Reader).U32)
	case secTable:
		m.Tables = vector(r, "tables", 3, most.Tables, readTable)
	case secMemory:
		m.Memories = vector(r, "memories", 2, 0, readLimits)
	case secGlobal:
		m.Globals = vector(r, "globals", 3, most.Globals, func(r *Reader) Global { return Global{readGlobalType(r), readExpr(r)} })
	case secExport:
		m.Exports = vector(r, "exports", 3, most.Exports, readExport)
	case secStart:
		m.Start = int64(r.U32())
	case secElem:
		m.Elems = vector(r, "element segments", 2, most.Elems, func(r *Reader) Elem { return readElem(r, most.ElemItems) })
	case secDataCount:
		m.DataCount = int64(r.U32())
	case secCode:
		m.Code = vector(r, "function bodies", 2, most.Funcs, readCode)
	case secData:
		m.Data = vector(r, "data segments", 2, most.Datas, readData)
	}
}

// vector reads a vector of at most so many elements, which take at least size bytes each.
// Without a bound it grows as elements come, so that a count costs nothing until they are there.
func vector[T any](r *Reader, what string, size, most int, read func(*Reader) T) []T {
	off := r.Offset()
	n := r.Count(what, size)
	if n == 0 || r.atMost(n, most, what, off) {
		return nil
	}
	room := n
	if most == 0 {
		room = min(n, 1024)
	}
	v := make([]T, 0, room)
	for range n {
		e := read(r)
		if r.err != nil {
			return nil
		}
		v = append(v, e)
	}
	return v
}

// atMost tells whether n is over a bound, and fails then.
func (r *Reader) atMost(n, most int, what string, off int64) (over bool) {
	if over = most > 0 && n > most; over {
		r.failAt(off, "%d %s, at most %d", n, what, most)
	}
	return over
}

// decodeTypes reads the types into one array: there may be very many.
func decodeTypes(m *Module, r *Reader, most int) {
	off := r.Offset()
	n := r.Count("types", 3)
	if r.atMost(n, most, "types", off) {
		return
	}
	values := make([]ValueType, 0, min(r.Len(), 4096))
	read := func() []ValueType {
		n := r.Count("value types", 1)
		from := len(values)
		for range n {
			values = append(values, r.ValueType())
		}
		return values[from:len(values):len(values)]
	}
	for range n {
		if c := r.Byte(); r.err == nil && c != 0x60 {
			r.failAt(r.Offset()-1, "0x%02x is not the form of a function type (0x60)", c)
		}
		p, q := read(), read()
		if r.err != nil {
			return
		}
		m.Types = append(m.Types, FuncType{p, q})
	}
}

func readLimits(r *Reader) Limits {
	off := r.Offset()
	f := r.Byte()
	if f > 1 && r.err == nil {
		r.failAt(off, "malformed limits flags 0x%02x (shared memories and 64-bit memories are off)", f)
	}
	l := Limits{Min: r.U32(), HasMax: f == 1}
	if l.HasMax {
		l.Max = r.U32()
	}
	return l
}

func readTable(r *Reader) TableType {
	t := r.ValueType()
	if r.err == nil && !t.IsRef() {
		r.failAt(r.Offset()-1, "a table holds references, not %s", t)
	}
	return TableType{t, readLimits(r)}
}

func readGlobalType(r *Reader) GlobalType {
	t := r.ValueType()
	mut := r.Byte()
	if r.err == nil && mut > 1 {
		r.failAt(r.Offset()-1, "malformed mutability 0x%02x", mut)
	}
	return GlobalType{t, mut == 1}
}

func readImport(r *Reader) Import {
	i := Import{Offset: r.Offset(), Module: r.Name(), Name: r.Name(), Kind: Kind(r.Byte())}
	switch i.Kind {
	case KindFunc:
		i.Type = r.U32()
	case KindTable:
		i.Table = readTable(r)
	case KindMemory:
		i.Memory = readLimits(r)
	case KindGlobal:
		i.Global = readGlobalType(r)
	default:
		r.failAt(r.Offset()-1, "malformed import kind %d", byte(i.Kind))
	}
	return i
}

func readExport(r *Reader) Export {
	e := Export{Offset: r.Offset(), Name: r.Name(), Kind: Kind(r.Byte())}
	if r.err == nil && e.Kind > KindGlobal {
		r.failAt(r.Offset()-1, "malformed export kind %d", byte(e.Kind))
	}
	e.Index = r.U32()
	return e
}

func readCode(r *Reader) Code {
	n := r.U32()
	off := r.Offset()
	return Code{Bytes: r.Bytes(n), Offset: off}
}

// readExpr reads a constant expression up to its end. Which instructions are
// constant is the validator's business.
func readExpr(r *Reader) Expr {
	from, off := r.pos, r.Offset()
	var in Instr
	for r.err == nil {
		r.Instr(&in)
		switch in.Op {
		case OpBlock, OpLoop, OpIf:
			r.failAt(off, "constant expression required: %s is not constant", in.Op)
		case OpEnd:
			if r.err == nil {
				return Expr{r.b[from:r.pos:r.pos], off}
			}
		}
	}
	return Expr{}
}

func readElem(r *Reader, most int) Elem {
	e := Elem{Offset: r.Offset(), Type: FuncRef}
	f := r.U32()
	if f > 7 {
		r.failAt(e.Offset, "malformed elements segment kind %d", f)
		return e
	}
	e.UseExprs = f&4 != 0
	switch f & 3 {
	case 1:
		e.Mode = Passive
	case 2:
		e.Table = r.U32()
	case 3:
		e.Mode = Declarative
	}
	if e.Mode == Active {
		e.At = readExpr(r)
	}
	if f&3 != 0 {
		if e.UseExprs {
			e.Type = r.ValueType()
		} else if k := r.Byte(); k != 0 && r.err == nil {
			r.failAt(r.Offset()-1, "malformed element kind %d", k)
		}
	}
	if r.err == nil && !e.Type.IsRef() {
		r.failAt(e.Offset, "an element segment holds references, not %s", e.Type)
	}
	if e.UseExprs {
		e.Exprs = vector(r, "elements in element segments", 2, most, readExpr)
	} else {
		e.Funcs = vector(r, "elements in element segments", 1, most, (*Reader).U32)
	}
	return e
}

func readData(r *Reader) Data {
	d := Data{Offset: r.Offset()}
	switch f := r.U32(); f {
	case 0:
	case 1:
		d.Mode = Passive
	case 2:
		d.Memory = r.U32()
	default:
		r.failAt(d.Offset, "malformed data segment kind %d", f)
		return d
	}
	if d.Mode == Active {
		d.At = readExpr(r)
	}
	d.Bytes = r.Bytes(r.U32())
	return d
}
