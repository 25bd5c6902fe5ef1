package runtime_test

import (
	"context"
	"errors"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"os"

	"github.com/vitrine-run/vitrine/runtime"
)

// module joins a preamble and sections.
func module(sections ...string) []byte {
	return []byte("\x00asm\x01\x00\x00\x00" + strings.Join(sections, ""))
}

func TestCompileRefuses(t *testing.T) {
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs()})
	const voidType = "\x01\x04\x01\x60\x00\x00"
	for _, c := range []struct {
		name, reason, imp string
		code              []byte
		limits            runtime.Limits
		over              string
	}{
		{name: "nothing", reason: "not a WebAssembly module"},
		{name: "text", code: []byte("#!/bin/sh\n"), reason: "not a WebAssembly module"},
		{name: "component", code: []byte("\x00asm\x0d\x00\x01\x00"), reason: "version"},
		{name: "unknown module", code: module(voidType, "\x02\x09\x01\x01a\x03\x1b[m\x00\x00"),
			reason: `import a.\x1b[m does not exist`, imp: `a.\x1b[m`},
		{name: "unknown function", code: module(voidType, "\x02\x10\x01\x09test:host\x02no\x00\x00"),
			reason: "import test:host.no does not exist", imp: "test:host.no"},
		{name: "unknown WASI function", code: module(voidType, "\x02\x1e\x01\x16wasi_snapshot_preview1\x03run\x00\x00"),
			reason: "import wasi_snapshot_preview1.run does not exist", imp: "wasi_snapshot_preview1.run"},
		{name: "wrong type", code: module(voidType, "\x02\x12\x01\x09test:host\x04stop\x00\x00"),
			reason: "import test:host.stop has type () -> (), the host has (i32) -> ()", imp: "test:host.stop"},
		{name: "wrong WASI type", code: module(voidType, "\x02\x24\x01\x16wasi_snapshot_preview1\x09proc_exit\x00\x00"),
			reason: "has type () -> (), the host has (i32) -> ()", imp: "wasi_snapshot_preview1.proc_exit"},
		{name: "another plugin's memory", code: module("\x02\x0a\x01\x01a\x03mem\x02\x00\x01"),
			reason: "import a.mem is a memory", imp: "a.mem"},
		{name: "another plugin's global", code: module("\x02\x08\x01\x01a\x01g\x03\x7f\x00"),
			reason: "import a.g is a global", imp: "a.g"},
		{name: "memory of 4 GiB", code: module("\x05\x05\x01\x00\x80\x80\x04"),
			reason: "needs 4294967296 bytes of memory to start, the limit is 67108864", over: runtime.LimitMemory},
		{name: "memory over its own limit", code: module("\x05\x03\x01\x00\x02"),
			limits: runtime.Limits{Memory: 1 << 16}, reason: "needs 131072 bytes of memory to start, the limit is 65536",
			over: runtime.LimitMemory},
		{name: "table of 2^24", code: module("\x04\x07\x01\x70\x00\x80\x80\x80\x08"), limits: runtime.Limits{Table: math.MaxUint32},
			reason: "table", over: runtime.LimitTable},
		{name: "table of 2^27", code: module("\x04\x07\x01\x70\x00\x80\x80\x80\x40"), reason: "table", over: runtime.LimitTable},
		{name: "too large", code: guest(t, "abi"), limits: runtime.Limits{ModuleSize: 100}, reason: "bytes, the limit is 100", over: runtime.LimitModuleSize},
		{name: "tables in sum", code: module("\x04\x09\x02\x70\x00\x80\x10\x70\x00\x80\x10"), limits: runtime.Limits{Table: 3000},
			reason: "has tables of 4096 elements, the limit is 3000", over: runtime.LimitTable},
		{name: "the meter's import", code: module(voidType, "\x02\x18\x01\x0dvitrine:meter\x06refuel\x00\x00"),
			reason: "vitrine:meter.refuel", imp: "vitrine:meter.refuel"},
		{name: "the meter's export", code: module(voidType, "\x03\x02\x01\x00", "\x07\x16\x01\x12vitrine:meter.fuel\x00\x00", "\x0a\x04\x01\x02\x00\x0b"),
			reason: "reserved name"},

		{name: "100 million locals", code: module(voidType, "\x03\x02\x01\x00", "\x0a\x09\x01\x07\x01\x80\xc2\xd7\x2f\x7f\x0b"), reason: "locals"},
		{name: "ill typed", code: module("\x01\x05\x01\x60\x00\x01\x7f", "\x03\x02\x01\x00", "\x0a\x04\x01\x02\x00\x0b"), reason: "offset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rt.Compile(context.Background(), c.code, &c.limits)
			var inv *runtime.InvalidError
			if !errors.As(err, &inv) {
				t.Fatalf("%v (%T), want an InvalidError", err, err)
			}
			if !strings.Contains(inv.Error(), c.reason) || inv.Import != c.imp || inv.Limit != c.over {
				t.Errorf("%v, import %q, limit %q; want %q, %q, %q", inv, inv.Import, inv.Limit, c.reason, c.imp, c.over)
			}
		})
	}
}

func TestTruncatedModulesAreRefused(t *testing.T) {
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs()})
	whole := guest(t, "host")
	for n := range whole {
		m, err := rt.Compile(context.Background(), whole[:n], nil)
		if err == nil {
			// A module may end where a section does, without what followed.
			if err := m.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var inv *runtime.InvalidError
		if !errors.As(err, &inv) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func TestInspect(t *testing.T) {
	info, err := runtime.Inspect(guest(t, "host"))
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Imports) != 3 || info.Imports[0].Name != "mix" ||
		runtime.Signature(info.Imports[0].Params, info.Imports[0].Results) != "(i32, i64, f32, f64) -> (f64)" {
		t.Errorf("imports %+v", info.Imports)
	}
	if *info.Memory != (runtime.MemoryInfo{Min: runtime.PageSize, Max: 2 * runtime.PageSize}) {
		t.Errorf("memory %+v", info.Memory)
	}
	i := slices.IndexFunc(info.Exports, func(e runtime.Export) bool { return e.Name == "touch" })
	if i < 0 || runtime.Signature(info.Exports[i].Params, info.Exports[i].Results) != "(i32, i32) -> (i32)" {
		t.Errorf("exports %+v", info.Exports)
	}
}

func FuzzInspect(f *testing.F) {
	for _, name := range []string{"abi", "host", "wasi", "start_loop", "data_outside"} {
		f.Add(guest(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := runtime.Inspect(b)
		var inv *runtime.InvalidError
		if (err == nil) != (info != nil) || err != nil && !errors.As(err, &inv) {
			t.Fatalf("%v, %v", info, err)
		}
		if err != nil && len(err.Error()) > 4096 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

func TestNewRefusesBadHostFuncs(t *testing.T) {
	nothing := func(*runtime.Caller, []uint64) {}
	for _, c := range []struct {
		name  string
		funcs []runtime.HostFunc
	}{
		{"no module", []runtime.HostFunc{{Name: "f", Call: nothing}}},
		{"no name", []runtime.HostFunc{{Module: "m", Call: nothing}}},
		{"no function", []runtime.HostFunc{{Module: "m", Name: "f"}}},
		{"twice", []runtime.HostFunc{{Module: "m", Name: "f", Call: nothing}, {Module: "m", Name: "f", Call: nothing}}},
		{"WASI", []runtime.HostFunc{{Module: "wasi_snapshot_preview1", Name: "fd_write", Call: nothing}}},
		{"the meter's", []runtime.HostFunc{{Module: "vitrine:meter", Name: "refuel", Call: nothing}}},
		{"a reference", []runtime.HostFunc{{Module: "m", Name: "f", Call: nothing, Params: []runtime.ValueType{0x6f}}}},
	} {
		if _, err := runtime.New(&runtime.Options{HostFuncs: c.funcs}); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
	if _, err := runtime.New(&runtime.Options{Engine: "v8"}); err == nil || !strings.Contains(err.Error(), "interpreter") {
		t.Errorf("an unknown engine should name those there are: %v", err)
	}
}

// The assembled guests are committed so that tests need no assembler; here is what
// keeps them from growing stale.
func TestGuestsMatchTheirSource(t *testing.T) {
	wat2wasm, err := exec.LookPath("wat2wasm")
	if err != nil {
		t.Skip("wat2wasm is not installed")
	}
	sources, err := filepath.Glob("testdata/*.wat")
	if err != nil || len(sources) == 0 {
		t.Fatal("no guests found", err)
	}
	for _, src := range sources {
		out := filepath.Join(t.TempDir(), "out.wasm")
		if msg, err := exec.Command(wat2wasm, "--debug-names", src, "-o", out).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", src, err, msg)
		}
		fresh, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(src), ".wat")
		if !slices.Equal(fresh, guest(t, name)) {
			t.Errorf("%s.wasm is not what %s makes: run go generate", name, src)
		}
	}
}
