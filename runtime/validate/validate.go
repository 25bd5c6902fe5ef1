// Package validate decides which modules may come in.
//
// It sees the bytes before any engine does, in our own code, and lets through
// what is valid by the WebAssembly 2.0 specification and stays under the Caps,
// because an engine believes what a module declares: 30 bytes that declare
// four thousand million locals cost wazero minutes and gigabytes inside its
// compiler, which no deadline reaches.
//
//	m, err := validate.Module(bytes, nil)
//	// wasm: offset 23: 4294967295 locals in func[0], at most 20000 (too many locals)
//
// What comes out is changed in three ways: the maxima of memories and tables
// are lowered to the caps, custom sections other than "name" and our own
// ("vitrine...") are gone, and names of functions are printable and bounded.
//
// Function bodies are type-checked in full, with the operand stack of the
// specification's appendix. The engine does it again; but the meter rewrites
// the body in between, and what it does is right only for well-typed code. An
// attacker should not get to see what it does to any other.
package validate

import (
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// CustomPrefix begins the names of our own custom sections, which stay.
const CustomPrefix = "vitrine"

// Module decodes and validates a module. The error is a *wasm.Error. The
// module points into b, which must not change afterwards. Caps may be nil.
func Module(b []byte, caps *Caps) (*wasm.Module, error) { return module(b, caps, true) }

func module(b []byte, caps *Caps, quick bool) (*wasm.Module, error) {
	caps = caps.orDefault()
	if len(b) > caps.ModuleBytes {
		return nil, &wasm.Error{Msg: fmt.Sprintf("the module has %d bytes, at most %d", len(b), caps.ModuleBytes)}
	}
	m, err := wasm.DecodeWithin(b, caps.Counts())
	if err != nil {
		return nil, err
	}
	c := newChecker(m, caps)
	c.bytes, c.quick = len(b), quick
	for _, check := range []func(){c.counts, c.types, c.imports, c.tables, c.memories, c.globals, c.exports,
		c.start, c.elems, c.datas, c.bodies} {
		if check(); c.err != nil {
			return nil, c.err
		}
	}
	clamp(m, caps)
	strip(m)
	return m, nil
}

// checker holds what all checks of a module share.
type checker struct {
	m       *wasm.Module
	caps    *Caps
	err     *wasm.Error
	funcs   []uint32 // the type of each function
	tabs    []wasm.TableType
	mems    []wasm.Limits
	globs   []wasm.GlobalType
	bytes   int    // of the module
	quick   bool   // see fast
	nglob   int    // how many of globs are imported
	mutable int    // how many of globs are mutable
	refs    []bool // by function: ref.func may name it

	// sums over the functions
	locals, blockLocals, calls, callLocals, callGlobals, loopLocals, blockSquare, loopSquare, labels, work int
}

func newChecker(m *wasm.Module, caps *Caps) *checker {
	return &checker{m: m, caps: caps, funcs: m.FuncTypes(), tabs: m.TableTypes(), mems: m.MemoryTypes(),
		globs: m.GlobalTypes(), nglob: m.Imported(wasm.KindGlobal), refs: make([]bool, len(m.Funcs)+len(m.Imports))}
}

// fail makes the first error.
func (c *checker) fail(off int64, format string, args ...any) {
	if c.err == nil {
		c.err = &wasm.Error{Offset: off, Msg: fmt.Sprintf(format, args...)}
	}
}

// overLimit makes the first error one of a valid module that wants too much to start with.
func (c *checker) overLimit(off int64, limit, format string, args ...any) {
	if c.err == nil {
		c.fail(off, format, args...)
		c.err.Limit = limit
	}
}

// atMost fails if there are more than a cap allows.
func (c *checker) atMost(off int64, n, limit int, what string) {
	if n > limit {
		c.fail(off, "%d %s, at most %d", n, what, limit)
	}
}

func (c *checker) counts() {
	m := c.m
	for _, n := range []struct {
		n, limit int
		what     string
	}{
		{len(m.Types), c.caps.Types, "types"},
		{len(m.Imports), c.caps.Imports, "imports"},
		{len(m.Exports), c.caps.Exports, "exports"},
		{len(c.funcs), c.caps.Funcs, "functions"},
		{len(c.globs), c.caps.Globals, "globals"},
		{len(c.tabs), c.caps.Tables, "tables"},
		{len(c.mems), 1, "memories (multiple memories are off)"},
		{len(m.Elems), c.caps.Elems, "element segments"},
		{len(m.Data), c.caps.Datas, "data segments"},
	} {
		c.atMost(0, n.n, n.limit, n.what)
	}
	for _, g := range c.globs {
		if g.Mutable {
			c.mutable++
		}
	}
}

func (c *checker) types() {
	for i := range c.m.Types {
		c.atMost(0, len(c.m.Types[i].Params), c.caps.Params, fmt.Sprintf("parameters of type %d", i))
		c.atMost(0, len(c.m.Types[i].Results), c.caps.Results, fmt.Sprintf("results of type %d", i))
	}
	for i, t := range c.funcs {
		if int(t) >= len(c.m.Types) {
			c.fail(0, "unknown type %d of func[%d]", t, i)
		}
	}
}

func (c *checker) imports() {
	for i := range c.m.Imports {
		im := &c.m.Imports[i]
		c.atMost(im.Offset, max(len(im.Module), len(im.Name)), c.caps.NameBytes, "bytes of an import's name")
		switch im.Kind {
		case wasm.KindTable:
			c.table(im.Offset, im.Table)
		case wasm.KindMemory:
			c.memory(im.Offset, im.Memory)
		}
	}
}

func (c *checker) tables() {
	for _, t := range c.m.Tables {
		c.table(0, t)
	}
}

func (c *checker) table(off int64, t wasm.TableType) {
	if t.Limits.HasMax && t.Limits.Min > t.Limits.Max {
		c.fail(off, "size minimum must not be greater than maximum: a table of %d to %d", t.Limits.Min, t.Limits.Max)
	}
	if t.Limits.Min > c.caps.TableSize {
		c.overLimit(off, "table", "a table of at least %d elements, at most %d", t.Limits.Min, c.caps.TableSize)
	}
}

func (c *checker) memories() {
	for _, l := range c.m.Memories {
		c.memory(0, l)
	}
}

func (c *checker) memory(off int64, l wasm.Limits) {
	if l.Min > 65_536 || l.HasMax && l.Max > 65_536 {
		c.fail(off, "memory size must be at most 65536 pages (4GiB): %d to %d", l.Min, l.Max)
	}
	if l.HasMax && l.Min > l.Max {
		c.fail(off, "size minimum must not be greater than maximum: a memory of %d to %d pages", l.Min, l.Max)
	}
	if l.Min > c.caps.MemoryPages {
		c.overLimit(off, "memory", "a memory of at least %d pages, at most %d", l.Min, c.caps.MemoryPages)
	}
}

func (c *checker) globals() {
	for i := range c.m.Globals {
		c.constant(&c.m.Globals[i].Init, c.m.Globals[i].Type.Type)
	}
}

// constant checks a constant expression and that its value is of type want.
func (c *checker) constant(e *wasm.Expr, want wasm.ValueType) {
	var in wasm.Instr
	var got []wasm.ValueType
	for r := wasm.NewReader(e.Bytes, e.Offset); r.Len() > 0; {
		off := r.Offset()
		r.Instr(&in)
		switch in.Op {
		case wasm.OpI32Const:
			got = append(got, wasm.I32)
		case wasm.OpI64Const:
			got = append(got, wasm.I64)
		case wasm.OpF32Const:
			got = append(got, wasm.F32)
		case wasm.OpF64Const:
			got = append(got, wasm.F64)
		case wasm.OpV128Const:
			got = append(got, wasm.V128)
		case wasm.OpRefNull:
			got = append(got, wasm.ValueType(in.A))
		case wasm.OpRefFunc:
			if int(in.A) >= len(c.funcs) {
				c.fail(off, "unknown function %d", in.A)
			}
			c.declare(in.A)
			got = append(got, wasm.FuncRef)
		case wasm.OpGlobalGet:
			if int(in.A) >= c.nglob {
				c.fail(off, "unknown global %d: a constant may use imported globals only", in.A)
				return
			}
			if c.globs[in.A].Mutable {
				c.fail(off, "constant expression required: global %d is mutable", in.A)
			}
			got = append(got, c.globs[in.A].Type)
		case wasm.OpEnd:
		default:
			c.fail(off, "constant expression required: %s is not constant", in.Op)
		}
		if len(got) > 1 {
			break
		}
	}
	if len(got) != 1 || got[0] != want {
		c.fail(e.Offset, "type mismatch: a constant %s is wanted", want)
	}
}

func (c *checker) exports() {
	names := make(map[string]bool, len(c.m.Exports))
	for i := range c.m.Exports {
		e := &c.m.Exports[i]
		c.atMost(e.Offset, len(e.Name), c.caps.NameBytes, "bytes of an export's name")
		if names[e.Name] {
			c.fail(e.Offset, "duplicate export name %s", wasm.Quote(e.Name))
		}
		names[e.Name] = true
		n := [...]int{len(c.funcs), len(c.tabs), len(c.mems), len(c.globs)}[e.Kind]
		if int64(e.Index) >= int64(n) {
			c.fail(e.Offset, "export %s: unknown %s %d", wasm.Quote(e.Name), kindName(e.Kind), e.Index)
		}
		if e.Kind == wasm.KindFunc {
			c.declare(e.Index)
		}
	}
}

// declare lets ref.func name a function.
func (c *checker) declare(fn uint32) {
	if int64(fn) < int64(len(c.refs)) {
		c.refs[fn] = true
	}
}

func kindName(k wasm.Kind) string {
	if k == wasm.KindFunc {
		return "function"
	}
	return k.String()
}

func (c *checker) start() {
	s := c.m.Start
	if s < 0 {
		return
	}
	if s >= int64(len(c.funcs)) {
		c.fail(0, "unknown function %d as start function", s)
		return
	}
	if t := &c.m.Types[c.funcs[s]]; len(t.Params)+len(t.Results) > 0 {
		c.fail(0, "start function %d must have no parameters and no results", s)
	}
}

func (c *checker) elems() {
	items := 0
	for i := range c.m.Elems {
		e := &c.m.Elems[i]
		items += len(e.Funcs) + len(e.Exprs)
		c.atMost(e.Offset, items, c.caps.ElemItems, "elements in element segments")
		if e.Mode == wasm.Active {
			if int64(e.Table) >= int64(len(c.tabs)) {
				c.fail(e.Offset, "unknown table %d of element segment %d", e.Table, i)
				return
			}
			if c.tabs[e.Table].Elem != e.Type {
				c.fail(e.Offset, "type mismatch: element segment %d has %s, its table %s", i, e.Type, c.tabs[e.Table].Elem)
			}
			c.constant(&e.At, wasm.I32)
		}
		for _, f := range e.Funcs {
			if int64(f) >= int64(len(c.funcs)) {
				c.fail(e.Offset, "unknown function %d in element segment %d", f, i)
				return
			}
			c.declare(f)
		}
		for j := range e.Exprs {
			if c.constant(&e.Exprs[j], e.Type); c.err != nil {
				return
			}
		}
	}
}

func (c *checker) datas() {
	for i := range c.m.Data {
		d := &c.m.Data[i]
		if d.Mode != wasm.Active {
			continue
		}
		if int64(d.Memory) >= int64(len(c.mems)) {
			c.fail(d.Offset, "unknown memory %d of data segment %d", d.Memory, i)
		}
		if c.constant(&d.At, wasm.I32); c.err != nil {
			return
		}
	}
}

func clamp(m *wasm.Module, caps *Caps) {
	lower := func(l *wasm.Limits, limit uint32) {
		if !l.HasMax || l.Max > limit {
			l.HasMax, l.Max, l.Lowered = true, limit, true
		}
	}
	for i := range m.Memories {
		lower(&m.Memories[i], caps.MemoryPages)
	}
	for i := range m.Tables {
		lower(&m.Tables[i].Limits, caps.TableSize)
	}
}

// strip drops custom sections, and writes the names anew.
func strip(m *wasm.Module) {
	var kept []wasm.Custom
	named := false
	for _, s := range m.Customs {
		switch {
		case strings.HasPrefix(s.Name, CustomPrefix):
			kept = append(kept, s)
		case s.Name == wasm.NameSection && !named:
			named = true
			s.Bytes = wasm.ParseNames(s.Bytes).Encode()
			kept = append(kept, s)
		}
	}
	m.Customs = kept
}
