package runtime

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// ValueType is the type of a WebAssembly value.
type ValueType = wasm.ValueType

// The types that host functions may have.
const (
	I32 = wasm.I32
	I64 = wasm.I64
	F32 = wasm.F32
	F64 = wasm.F64
)

// Kind is what an import or export is: a func, table, memory or global.
type Kind = wasm.Kind

// Info is what a module says of itself. It is read without any engine, so that a
// module can be judged before it is compiled.
type Info struct {
	Size    int64 // in bytes
	Imports []Import
	Exports []Export
	Memory  *MemoryInfo // nil if the module has none
	Tables  uint64      // elements of all tables at the start
	Start   bool        // there is a start section
}

// An Import is something that a module wants from its host.
type Import struct {
	Module, Name    string
	Kind            Kind
	Params, Results []ValueType // of functions
}

// An Export is something that a module offers.
type Export struct {
	Name            string
	Kind            Kind
	Params, Results []ValueType // of functions
}

// MemoryInfo is the size of a linear memory in bytes.
type MemoryInfo struct {
	Min uint64 // at the start
	Max uint64 // 4 GiB if the module declares none
}

// PageSize is the unit of linear memory in bytes.
const PageSize = 65536

// maxPages is all that 32 bits can address.
const maxPages = 65536

// Inspect reads what a module declares. It looks at no instruction: what it accepts
// may still be invalid. The error is an *InvalidError.
func Inspect(code []byte) (*Info, error) {
	m, err := wasm.DecodeWithin(code, validate.Default().Counts())
	if err != nil {
		return nil, decodeError(err)
	}
	return inspect(m, len(code))
}

func decodeError(err error) *InvalidError {
	inv := &InvalidError{Offset: -1, Reason: printable(err.Error(), maxMessage), Err: err}
	var we *wasm.Error
	if errors.As(err, &we) {
		inv.Offset, inv.Reason, inv.Limit = we.Offset, printable(we.Msg, maxMessage), we.Limit
	}
	return inv
}

func inspect(m *wasm.Module, size int) (*Info, error) {
	info := &Info{Size: int64(size), Start: m.Start >= 0}
	for i := range m.Imports {
		im := &m.Imports[i]
		out := Import{Module: im.Module, Name: im.Name, Kind: im.Kind}
		if im.Kind == wasm.KindFunc {
			if int64(im.Type) >= int64(len(m.Types)) {
				return nil, invalidAt(im.Offset, "import has type %d of %d", im.Type, len(m.Types))
			}
			out.Params, out.Results = m.Types[im.Type].Params, m.Types[im.Type].Results
		}
		info.Imports = append(info.Imports, out)
	}
	if err := info.exports(m); err != nil {
		return nil, err
	}
	if err := info.sizes(m); err != nil {
		return nil, err
	}
	return info, nil
}

func (info *Info) exports(m *wasm.Module) error {
	funcs := m.FuncTypes()
	seen := make(map[string]bool, len(m.Exports))
	for i := range m.Exports {
		ex := &m.Exports[i]
		if seen[ex.Name] {
			return invalidAt(ex.Offset, "export %q is there twice", printable(ex.Name, maxName))
		}
		seen[ex.Name] = true
		out := Export{Name: ex.Name, Kind: ex.Kind}
		if ex.Kind == wasm.KindFunc {
			if int64(ex.Index) >= int64(len(funcs)) || int64(funcs[ex.Index]) >= int64(len(m.Types)) {
				return invalidAt(ex.Offset, "export %q is a function that is not there", printable(ex.Name, maxName))
			}
			t := &m.Types[funcs[ex.Index]]
			out.Params, out.Results = t.Params, t.Results
		}
		info.Exports = append(info.Exports, out)
	}
	return nil
}

func (info *Info) sizes(m *wasm.Module) error {
	for _, t := range m.Tables {
		info.Tables += uint64(t.Limits.Min)
	}
	memories := m.MemoryTypes()
	if len(memories) == 0 {
		return nil
	}
	mem := memories[0]
	if !mem.HasMax {
		mem.Max = maxPages
	}
	if len(memories) > 1 || mem.Min > mem.Max || mem.Max > maxPages {
		return invalid("memory of %d to %d pages, %d memories: one of at most %d pages is possible",
			mem.Min, mem.Max, len(memories), maxPages)
	}
	info.Memory = &MemoryInfo{Min: uint64(mem.Min) * PageSize, Max: uint64(mem.Max) * PageSize}
	return nil
}

func invalidAt(offset int64, format string, args ...any) *InvalidError {
	e := invalid(format, args...)
	e.Offset = offset
	return e
}

// Signature writes a function's type in the manner of "(i32, i32) -> (i64)".
func Signature(params, results []ValueType) string {
	return fmt.Sprintf("(%s) -> (%s)", typeList(params), typeList(results))
}

func typeList(ts []ValueType) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}
