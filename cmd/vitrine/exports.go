package main

import (
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// findFunc returns an exported function, nil if there is none of that name.
func findFunc(info *runtime.Info, name string) *runtime.Export {
	for i := range info.Exports {
		if e := &info.Exports[i]; e.Kind == wasm.KindFunc && e.Name == name {
			return e
		}
	}
	return nil
}

func funcNames(info *runtime.Info) []string {
	names := []string{}
	for i := range info.Exports {
		if e := &info.Exports[i]; e.Kind == wasm.KindFunc {
			names = append(names, e.Name)
		}
	}
	return names
}

// computeFunctions are the functions of the guest ABI that are the plugin's own.
func computeFunctions(info *runtime.Info) []string {
	names := []string{}
	if findFunc(info, abi.ExportAlloc) == nil {
		return names
	}
	for _, name := range funcNames(info) {
		e := findFunc(info, name)
		if !strings.HasPrefix(name, abi.ReservedPrefix) &&
			slices.Equal(e.Params, []runtime.ValueType{runtime.I32, runtime.I32}) &&
			slices.Equal(e.Results, []runtime.ValueType{runtime.I64}) {
			names = append(names, name)
		}
	}
	return names
}
