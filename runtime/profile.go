package runtime

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// FuncFuel is the fuel that one function of a module has used.
type FuncFuel struct {
	Index uint32 // in the module
	Name  string // of the name section, an export, or "function 5"; printable, at most 256 bytes, in the guest's words
	Calls uint64
	Self  uint64 // in the function itself; what a host function charges is its caller's
	Total uint64 // with what it called; of a function that recurses the outermost call counts
}

// Profile says which functions have used the instance's fuel, the one that used most itself first. What they
// used themselves is together exactly Stats().Fuel, also of a call that a limit or a trap ended. It is nil unless
// Options.Profile is set. A profile changes no fuel but that of a call that a trap ends in a small function that
// recurses: what such functions carry in registers is lost without one. It is for the goroutine that makes the calls.
//
// A loop that recurses, over a list or a tree, is charged to the function that it calls if that charges for it.
func (in *Instance) Profile() []FuncFuel {
	if in.profile == nil {
		return nil
	}
	var list []FuncFuel
	for i, f := range in.profile.funcs {
		if f.calls > 0 {
			list = append(list, FuncFuel{uint32(i + in.mod.table.imported), in.mod.table.names[i], f.calls, uint64(f.self), f.total})
		}
	}
	if outside := in.profile.outside; outside > 0 {
		list = append(list, FuncFuel{math.MaxUint32, "(outside of functions)", 0, outside, outside})
	}
	slices.SortStableFunc(list, func(a, b FuncFuel) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total))
	})
	return list
}

// funcTable is what a profile knows of the functions that a module defines.
type funcTable struct {
	imported int
	names    []string
	prepaid  []uint32 // see meter.Result
}

func newFuncTable(m *wasm.Module) *funcTable {
	t := &funcTable{imported: m.Imported(wasm.KindFunc), names: make([]string, len(m.Funcs))}
	name := func(index uint32, name string) {
		if i := int(index) - t.imported; i >= 0 && i < len(t.names) && t.names[i] == "" {
			t.names[i] = printable(name, maxName)
		}
	}
	for i := range m.Customs {
		if m.Customs[i].Name != wasm.NameSection {
			continue
		}
		for _, f := range wasm.ParseNames(m.Customs[i].Bytes).Funcs {
			name(f.Index, f.Name)
		}
	}
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Kind == wasm.KindFunc {
			name(e.Index, e.Name)
		}
	}
	for i := range t.names {
		t.names[i] = cmp.Or(t.names[i], fmt.Sprintf("function %d", i+t.imported))
	}
	return t
}

// trace lets the engine tell the instances of their calls. Metering has added an import before the functions,
// and its own helpers behind them, which are a part of who calls them.
func (t *funcTable) trace() *engine.Trace {
	if t == nil {
		return nil
	}
	first := uint32(t.imported) + 1
	return &engine.Trace{
		Functions: first + uint32(len(t.names)),
		Enter: func(ctx context.Context, index uint32) {
			in := instanceOf(ctx)
			in.profile.enter(int(index-first), int64(t.prepaid[index-first]), in.tank.spent())
		},
		Leave: func(ctx context.Context, _ uint32) {
			in := instanceOf(ctx)
			in.profile.leave(in.tank.spent())
		},
	}
}

// profile attributes an instance's fuel: whenever a function is entered or left, what was spent since the last
// time is its who ran.
type profile struct {
	funcs   []usedFuel
	open    []openCall
	last    uint64 // what the call under way had spent then
	outside uint64
}

type usedFuel struct {
	calls, total uint64
	self         int64  // below zero while the start section has not told its fuel
	open         uint32 // calls
}

type openCall struct {
	fn int
	at int64 // what had been spent before it
}

func (t *funcTable) newProfile() *profile {
	if t == nil {
		return nil
	}
	return &profile{funcs: make([]usedFuel, len(t.names))}
}

// begin is the begin of a call from outside, whose fuel is counted from zero.
func (p *profile) begin() {
	if p != nil {
		p.last, p.open = 0, p.open[:0]
	}
}

// end is its end, whatever is open then.
func (p *profile) end(spent uint64) {
	if p == nil {
		return
	}
	p.settle(spent)
	for len(p.open) > 0 {
		p.pop(spent)
	}
}

func (p *profile) settle(spent uint64) {
	if n := len(p.open); n > 0 {
		p.funcs[p.open[n-1].fn].self += int64(spent - p.last)
	} else {
		p.outside += spent - p.last
	}
	p.last = spent
}

func (p *profile) enter(fn int, prepaid int64, spent uint64) {
	p.settle(spent)
	f := &p.funcs[fn]
	if n := len(p.open); n > 0 {
		p.funcs[p.open[n-1].fn].self -= prepaid
		f.self += prepaid
	}
	f.calls++
	f.open++
	p.open = append(p.open, openCall{fn, int64(spent) - prepaid})
}

func (p *profile) leave(spent uint64) {
	p.settle(spent)
	p.pop(spent)
}

func (p *profile) pop(spent uint64) {
	n := len(p.open) - 1
	c := p.open[n]
	p.open = p.open[:n]
	f := &p.funcs[c.fn]
	if f.open--; f.open == 0 {
		f.total += uint64(int64(spent) - c.at)
	}
}
