package sandbox

import (
	"fmt"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// ImportError says why an import is refused. It is found before anything is compiled.
type ImportError struct {
	Module, Name string
	Reason       string
	Hint         string // what the author can do, or ""
}

// Error names the import, as in `import vitrine:http.request: ...`.
func (e *ImportError) Error() string {
	s := fmt.Sprintf("import %s.%s: %s", quoted(e.Module), quoted(e.Name), e.Reason)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// CheckImports reports the first import that a manifest does not cover or that no host has, as an
// *ImportError; nil if all are fine.
func CheckImports(info *runtime.Info, m *abi.Manifest) error {
	for i := range info.Imports {
		if err := checkImport(&info.Imports[i], m); err != nil {
			return err
		}
	}
	return nil
}

func checkImport(imp *runtime.Import, m *abi.Manifest) error {
	refuse := func(hint, format string, args ...any) error {
		return &ImportError{Module: imp.Module, Name: imp.Name, Hint: hint, Reason: fmt.Sprintf(format, args...)}
	}
	if imp.Kind != wasm.KindFunc {
		return refuse("", "a %s cannot be imported, only functions", imp.Kind)
	}
	if imp.Module == abi.ModuleWASI {
		return nil // which of its functions there are is the runtime's to say
	}
	known, ok := abi.FindImport(imp.Module, imp.Name)
	switch {
	case !ok:
		return refuse("", "no host has such a function")
	case known.Capability != "" && !m.Declares(known.Capability):
		return refuse(fmt.Sprintf("add %q to its capabilities", string(known.Capability)),
			"the manifest does not declare the capability %q", string(known.Capability))
	case !sameTypes(known.Params, imp.Params) || !sameTypes(known.Results, imp.Results):
		return refuse("see abi/ABI.md", "it has type %s", runtime.Signature(imp.Params, imp.Results))
	}
	return nil
}

func sameTypes(want []abi.ValueType, got []runtime.ValueType) bool {
	return slices.EqualFunc(want, got, func(w abi.ValueType, g runtime.ValueType) bool { return byte(w) == byte(g) })
}

// quoted is a guest's name, as it is if it is a plain one.
func quoted(s string) string {
	const most = 80
	if q := fmt.Sprintf("%.*q", most, s); len(q) != len(s)+2 {
		return q
	}
	return s
}
