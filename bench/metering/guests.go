package metering

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/tetratelabs/wazero/api"
)

// Go compiles the kernels and the programs in Go, whose sources are in dir/kernels/go and
// dir/programs/go, and returns them. Each is one module of 4 to 8 MB, too much to be kept here.
func Go(ctx context.Context, dir string) ([]*Kernel, error) {
	list, err := goModule(ctx, filepath.Join(dir, "kernels", "go"), "goflate", "gojson", "gomap", "goregexp", "gosha256", "gosort")
	if err != nil {
		return nil, err
	}
	more, err := goModule(ctx, filepath.Join(dir, "programs", "go"), "prog_flate", "prog_format", "prog_json", "prog_log", "prog_template")
	for _, k := range more {
		k.Program = true
	}
	return append(list, more...), err
}

func goModule(ctx context.Context, dir string, names ...string) ([]*Kernel, error) {
	tmp, err := os.MkdirTemp("", "metering")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	out := filepath.Join(tmp, "kernels.wasm")
	build := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("metering: go build: %w: %s", err, msg)
	}
	code, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	var list []*Kernel
	for _, name := range names {
		list = append(list, &Kernel{Name: name, Wasm: code, Export: name})
	}
	return list, nil
}

// QuickJS returns a kernel that runs a recursive function in JavaScript. code is
// quickjs.wasm from the npm package quickjs-wasi.
func QuickJS(code []byte) *Kernel {
	const js = "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(20)"
	return &Kernel{Name: "quickjs", Wasm: code, Export: "qjs_eval", Prepare: func(ctx context.Context, mod api.Module) ([]uint64, error) {
		if _, err := mod.ExportedFunction("qjs_init").Call(ctx); err != nil {
			return nil, err
		}
		text := js + "\x00fib.js\x00"
		res, err := mod.ExportedFunction("wasm_malloc").Call(ctx, uint64(len(text)))
		if err != nil {
			return nil, err
		}
		if !mod.Memory().WriteString(uint32(res[0]), text) {
			return nil, errors.New("metering: quickjs has no memory")
		}
		args := []uint64{res[0], uint64(len(js)), res[0] + uint64(len(js)) + 1, 0}
		val, err := mod.ExportedFunction("qjs_eval").Call(ctx, args...)
		if err != nil {
			return nil, err
		}
		num, err := mod.ExportedFunction("qjs_get_float64").Call(ctx, val[0])
		if err != nil || api.DecodeF64(num[0]) != 6765 {
			return nil, fmt.Errorf("metering: quickjs does not know fib(20): %v %v", num, err)
		}
		return args, nil
	}}
}
