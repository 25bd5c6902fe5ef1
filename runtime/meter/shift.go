package meter

import "github.com/vitrine-run/vitrine/runtime/wasm"

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
	w.shiftNames()
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
