package runtime

import (
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// prepared is a module that may be compiled.
type prepared struct {
	code []byte
	info *Info
	host []engine.HostFunc // what it imports
	wasi bool

	globals   []globalExport // the numeric mutable globals
	functions int
	table     *funcTable // nil without Options.Profile
}

// globalExport is a global, and the name by which metering exports it.
type globalExport struct {
	name string
	kind wasm.ValueType
}

// prepare is the one way from the bytes that somebody sent to the bytes that an engine
// sees. Whatever refuses or rewrites a module does it here.
func (rt *Runtime) prepare(code []byte, limits *Limits) (*prepared, error) {
	m, err := validate.Module(code, &validate.Caps{ModuleBytes: int(limits.ModuleSize), TableSize: limits.Table})
	if err != nil {
		return nil, decodeError(err)
	}
	p, err := rt.judge(m, len(code), limits)
	if err != nil {
		return nil, err
	}
	if rt.profile {
		p.table = newFuncTable(m)
	}
	metered, err := meter.Rewrite(m, &meter.Options{Profile: rt.profile})
	if err != nil {
		return nil, decodeError(err)
	}
	p.code = metered.Wasm
	if p.table != nil {
		p.table.prepaid = metered.Prepaid
	}
	return p, nil
}

// judge holds a module against what this host offers and allows.
func (rt *Runtime) judge(m *wasm.Module, size int, limits *Limits) (*prepared, error) {
	info, err := inspect(m, size)
	if err != nil {
		return nil, err
	}
	p := &prepared{info: info, functions: len(m.Funcs)}
	if err := rt.link(p); err != nil {
		return nil, err
	}
	if info.Memory != nil && info.Memory.Min > limits.Memory {
		return nil, overLimit(LimitMemory, "needs %d bytes of memory to start, the limit is %d", info.Memory.Min, limits.Memory)
	}
	if info.Tables > uint64(limits.Table) {
		return nil, overLimit(LimitTable, "has tables of %d elements, the limit is %d", info.Tables, limits.Table)
	}
	for i, g := range m.GlobalTypes() {
		if g.Mutable && g.Type != wasm.V128 && !g.Type.IsRef() {
			p.globals = append(p.globals, globalExport{fmt.Sprintf("%s%d", meter.ExportGlobal, i), g.Type})
		}
	}
	return p, nil
}

// link finds every import, or refuses the module with the name of the first that is
// not there. Nothing but functions can be imported.
func (rt *Runtime) link(p *prepared) error {
	seen := map[funcName]bool{}
	for i := range p.info.Imports {
		im := &p.info.Imports[i]
		if err := rt.checkImport(im); err != nil {
			return err
		}
		name := funcName{im.Module, im.Name}
		if im.Module == engine.WASIModule {
			p.wasi = true
		} else if !seen[name] {
			p.host = append(p.host, rt.bind(rt.funcs[name]))
		}
		seen[name] = true
	}
	return nil
}

func (rt *Runtime) checkImport(im *Import) error {
	name := printable(im.Module+"."+im.Name, 2*maxName)
	refuse := func(format string, args ...any) error {
		e := invalid("import %s "+format, append([]any{name}, args...)...)
		e.Import = name
		return e
	}
	if im.Kind != wasm.KindFunc {
		return refuse("is a %s, only functions can be imported", im.Kind)
	}
	want, ok := rt.importType(im.Module, im.Name)
	if !ok {
		return refuse("does not exist")
	}
	if !slices.Equal(im.Params, want.Params) || !slices.Equal(im.Results, want.Results) {
		return refuse("has type %s, the host has %s",
			Signature(im.Params, im.Results), Signature(want.Params, want.Results))
	}
	return nil
}

func (rt *Runtime) importType(module, name string) (wasm.FuncType, bool) {
	if module == engine.WASIModule {
		return engine.WASIType(name)
	}
	f := rt.funcs[funcName{module, name}]
	if f == nil {
		return wasm.FuncType{}, false
	}
	return wasm.FuncType{Params: f.Params, Results: f.Results}, true
}

type funcName struct{ module, name string }

func (n funcName) String() string { return fmt.Sprintf("%s.%s", n.module, n.name) }
