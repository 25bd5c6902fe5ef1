package meter

import (
	"cmp"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// shift adds the import and lets everything outside of the code that names a
// function name it by its new index.
func (w *rewriter) shift() {
	m := w.m
	none := w.typeOf(wasm.FuncType{})
	m.Imports = append(m.Imports, wasm.Import{Module: ImportModule, Name: ImportRefuel, Kind: wasm.KindFunc, Type: none})
	m.Funcs = append(m.Funcs, w.helpers.types...)
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == wasm.KindFunc {
			e.Index = w.index(e.Index)
		}
	}
	if m.Start >= 0 {
		m.Start = int64(w.index(uint32(m.Start)))
	}
	for i := range m.Globals {
		m.Globals[i].Init = w.shiftExpr(m.Globals[i].Init)
	}
	for i := range m.Elems {
		e := &m.Elems[i]
		for j := range e.Funcs {
			e.Funcs[j] = w.index(e.Funcs[j])
		}
		for j := range e.Exprs {
			e.Exprs[j] = w.shiftExpr(e.Exprs[j])
		}
	}
	for i := range m.Customs {
		if c := &m.Customs[i]; c.Name == wasm.NameSection {
			c.Bytes = w.shiftNames(c.Bytes)
		}
	}
}

func (w *rewriter) shiftExpr(e wasm.Expr) wasm.Expr {
	var in wasm.Instr
	r := wasm.NewReader(e.Bytes, e.Offset)
	if r.Instr(&in); in.Op != wasm.OpRefFunc {
		return e
	}
	b := wasm.AppendU32([]byte{byte(wasm.OpRefFunc)}, w.index(in.A))
	return wasm.Expr{Bytes: append(b, byte(wasm.OpEnd)), Offset: e.Offset}
}

func (w *rewriter) shiftNames(b []byte) []byte {
	n := wasm.ParseNames(b)
	names := map[uint32]string{}
	for i := range n.Funcs {
		f := &n.Funcs[i]
		names[f.Index] = f.Name
		f.Index = w.index(f.Index)
	}
	for i, t := range w.threaded {
		if name := names[uint32(w.imported+i)]; t.group != 0 && name != "" {
			n.Funcs = append(n.Funcs, wasm.FuncName{Index: t.index, Name: name})
		}
	}
	slices.SortFunc(n.Funcs, func(a, b wasm.FuncName) int { return cmp.Compare(a.Index, b.Index) })
	return n.Encode()
}
