//go:build !(wasmtime && cgo && (linux || darwin) && amd64)

package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

func TestWasmtimeIsNotInThisBuild(t *testing.T) {
	if slices.Contains(engine.Names(), engine.Wasmtime) {
		t.Error("it is listed")
	}
	if _, err := engine.Open(engine.Wasmtime); err == nil || !strings.Contains(err.Error(), "-tags wasmtime") {
		t.Errorf("the error should name the tag: %v", err)
	}
}
