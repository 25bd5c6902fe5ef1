package meter

import (
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// helperName is the name of the functions that the rewriter adds for itself. A trap in one is
// the trap of its caller, which package engine looks for.
const helperName = reserved

// shiftNames makes a fault tell functions by the author's words: those that have no name get that
// of their export, and a function's second half that of the function. shift has been here: exports
// have their new indices.
func (w *rewriter) shiftNames() {
	section := w.nameSection()
	n := wasm.ParseNames(section.Bytes)
	known := make(map[uint32]bool, len(n.Funcs))
	for i := range n.Funcs {
		n.Funcs[i].Index = w.index(n.Funcs[i].Index)
		known[n.Funcs[i].Index] = true
	}
	for i := range w.m.Exports {
		if e := &w.m.Exports[i]; e.Kind == wasm.KindFunc && !known[e.Index] {
			n.Funcs = append(n.Funcs, wasm.FuncName{Index: e.Index, Name: e.Name})
			known[e.Index] = true
		}
	}
	n.Funcs = append(n.Funcs, w.helperNames(n.Funcs)...)
	slices.SortFunc(n.Funcs, func(a, b wasm.FuncName) int { return int(int64(a.Index) - int64(b.Index)) })
	// Read once more, they are fit to be shown: an export may be called anything.
	section.Bytes = wasm.ParseNames(n.Encode()).Encode()
}

func (w *rewriter) nameSection() *wasm.Custom {
	m := w.m
	i := slices.IndexFunc(m.Customs, func(c wasm.Custom) bool { return c.Name == wasm.NameSection })
	if i < 0 {
		i = len(m.Customs)
		m.Customs = append(m.Customs, wasm.Custom{Name: wasm.NameSection})
	}
	return &m.Customs[i]
}

// helperNames names every function behind those of the module.
func (w *rewriter) helperNames(named []wasm.FuncName) []wasm.FuncName {
	first := uint32(w.imported + 1 + len(w.funcs))
	helpers := make([]wasm.FuncName, len(w.helpers.code))
	for i := range helpers {
		helpers[i] = wasm.FuncName{Index: first + uint32(i), Name: helperName}
	}
	if len(helpers) == 0 {
		return nil
	}
	half := map[uint32]uint32{} // the second half by the new index of the function
	for i := range w.threaded {
		if t := &w.threaded[i]; t.group != 0 {
			half[w.index(uint32(w.imported+i))] = t.index
			helpers[t.index-first].Name = fmt.Sprintf("function %d", w.imported+i)
		}
	}
	for _, f := range named {
		if at, ok := half[f.Index]; ok {
			helpers[at-first].Name = f.Name
		}
	}
	return helpers
}
