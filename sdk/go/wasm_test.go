package vitrine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// build builds a plugin of testdata for the platform that plugins run on.
func build(t *testing.T, name string) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a plugin")
	}
	out := filepath.Join(t.TempDir(), "plugin.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s", "-buildmode=c-shared", "-o", out, "./testdata/"+name)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// imports is what a module imports besides WASI.
func imports(t *testing.T, wasm []byte) (out []string) {
	t.Helper()
	info, err := runtime.Inspect(wasm)
	if err != nil {
		t.Fatal(err)
	}
	for _, imp := range info.Imports {
		if imp.Module != abi.ModuleWASI {
			out = append(out, imp.Module+"."+imp.Name)
		}
	}
	slices.Sort(out)
	return out
}

func newRuntime(t *testing.T) *runtime.Runtime {
	t.Helper()
	// It compiles ten times as fast, which counts under the race detector.
	rt, err := runtime.New(&runtime.Options{Engine: "interpreter", HostFuncs: hostfuncs.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rt.Close(context.Background()) })
	return rt
}

// patient are limits for a busy machine: an interpreter under the race detector takes seconds to start a program in Go.
var patient = &runtime.Limits{WallTime: time.Minute}

func TestComputeOnly(t *testing.T) {
	ctx := context.Background()
	wasm := build(t, "compute")
	if got := imports(t, wasm); got != nil {
		t.Errorf("it imports %q", got)
	}
	module, err := newRuntime(t).Compile(ctx, wasm, patient)
	if err != nil {
		t.Fatal(err)
	}
	in, err := module.Instantiate(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "a", strings.Repeat("ab", 2<<10), strings.Repeat("abc", 1<<14)} {
		if got, err := in.Call(ctx, "upper", []byte(s)); err != nil || !bytes.Equal(got, bytes.ToUpper([]byte(s))) {
			t.Errorf("%d bytes: %d bytes, %v", len(s), len(got), err)
		}
	}
	for input, want := range map[string]abi.GuestFailure{
		"panic": {Code: abi.CodeInternal, Message: "panic: gone wrong"},
		"code":  {Code: abi.CodeNotFound, Message: "no luck"},
		"":      {Code: abi.CodeInvalid, Message: "plain"},
	} {
		_, err := in.Call(ctx, "fail", []byte(input))
		var failed *runtime.GuestError
		if !errors.As(err, &failed) || failed.Code != want.Code || failed.Message != want.Message {
			t.Errorf("%q: %v, want %v", input, err, want)
		}
	}
	if _, err := in.Call(ctx, abi.ExportMount, nil); err == nil || !strings.Contains(err.Error(), "no user interface") {
		t.Errorf("mounted: %v", err)
	}
	// An address that vitrine_alloc did not give is refused, not read.
	result, err := in.Invoke(ctx, "upper", 4096, 16)
	if err != nil || !abi.Result(result[0]).Failed() {
		t.Errorf("%v, %v", result, err)
	}
	// What Prepare was given has run once, and each begins with what it has left.
	for range 3 {
		in, err := module.Get(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := in.Call(ctx, "prepared", nil); err != nil || string(got) != "loaded once" {
			t.Errorf("%q, %v", got, err)
		}
		in.Close(ctx)
	}
	if _, _, err := module.Snapshot(ctx); err != nil {
		t.Error(err)
	}
}

// shown passes on the texts that a plugin shows.
type shown chan string

func (s shown) Paint(*abi.Paint) {}
func (s shown) Done()            {}

func (s shown) Fault(f *sandbox.Fault) { s <- f.Error() }

func (s shown) Tree(t *abi.Tree) {
	p, _ := t.Prop(0, 0)
	s <- string(t.Bytes(p))
}

func TestWhatEveryPageHas(t *testing.T) {
	ctx := context.Background()
	wasm := build(t, "reach")
	want := []string{
		"vitrine:clock.monotonic", "vitrine:clock.now", "vitrine:core.again", "vitrine:core.memory", "vitrine:core.pending",
		"vitrine:core.take", "vitrine:log.write", "vitrine:props.read", "vitrine:random.fill", "vitrine:ui.paint", "vitrine:ui.render",
	}
	if got := imports(t, wasm); !slices.Equal(got, want) {
		t.Errorf("it imports %q, want %q", got, want)
	}
	manifest := `{"apiVersion":"v1","id":"reach","name":"Reach","version":"0.1.0","runtime":{"wasm":"p.wasm"},
		"capabilities":["props","ui","log","clock","random"]}`
	pkg := fstest.MapFS{abi.ManifestName: {Data: []byte(manifest)}, "p.wasm": {Data: wasm}}
	plugin, err := sandbox.Load(ctx, newRuntime(t), pkg, &sandbox.Policy{Limits: patient})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plugin.Close(ctx) })
	props, err := cbor.Marshal(map[string]any{"who": "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		grants []abi.Capability
		want   string
	}{
		{plugin.Manifest().Capabilities, "locale en, who Ada, log <nil>, random true, clock true true, paint <nil>, memory 64, steps 3"},
		{[]abi.Capability{abi.CapUI}, "locale en, who nobody, log vitrine: denied, random false, clock false true, paint <nil>, memory 64, steps 3"},
	} {
		s := make(shown, 64)
		box, err := plugin.New(&sandbox.Options{View: s, Props: props, Grants: c.grants})
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Mount(abi.MountContext{Locale: "en"}); err != nil {
			t.Fatal(err)
		}
		got := ""
		for !strings.HasSuffix(got, "steps 3") && strings.HasPrefix(got+"locale", "locale") {
			got = <-s
		}
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
