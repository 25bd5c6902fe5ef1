package plugin_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/plugin"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism/extismtest"
)

func TestMain(m *testing.M) { leak.Main(m) }

func read(t *testing.T, name ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(name...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// guests are plugins of every kind, in C, Rust, Go and WebAssembly itself, with the functions that a profile of each
// must name.
func guests(t *testing.T) map[string]*plugin.Plugin {
	t.Helper()
	dir, err := extismtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]*plugin.Plugin{
		"greet":        {Wasm: fresh.CGuest, Func: "greet", Input: fresh.Input},
		"run":          {Wasm: read(t, "../metering/kernels/rust/rsort.wasm"), Func: "run", Kind: plugin.Raw, Args: []uint64{1}},
		"count_vowels": {Wasm: read(t, dir, "count_vowels.wasm"), Func: "count_vowels", Kind: plugin.Extism, Input: []byte("Hello, vitrine")},
	}
	if !testing.Short() {
		list["main.greet"] = &plugin.Plugin{Wasm: goGuest(t), Func: "greet", Input: fresh.Input}
	}
	return list
}

// goGuest is one with its names, which GoGuest of package fresh has not.
func goGuest(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", out, ".")
	cmd.Dir, cmd.Env = "../../runtime/testdata/goguest", append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	return read(t, out)
}

func TestProfile(t *testing.T) {
	ctx := context.Background()
	for name, p := range guests(t) {
		t.Run(name, func(t *testing.T) {
			profile, err := p.Profile(ctx)
			if err != nil || profile.Err != nil {
				t.Fatal(err, profile)
			}
			var sum uint64
			var names []string
			for _, f := range profile.Funcs {
				sum += f.Self
				names = append(names, f.Name)
			}
			if sum != profile.Fuel || sum == 0 {
				t.Errorf("functions used %d, the call %d", sum, profile.Fuel)
			}
			if !slices.Contains(names, name) {
				t.Errorf("no %s in %v", name, names)
			}
			if name == "main.greet" {
				return // takes long to compile for each engine
			}
			got := measured(t, p)
			if fuel := got["vitrine fuel"]; fuel != float64(profile.Fuel) {
				t.Errorf("the call uses %v without a profile, %d with one", fuel, profile.Fuel)
			}
		})
	}
}

// measured are the figures of a plugin by system and metric.
func measured(t *testing.T, p *plugin.Plugin) map[string]float64 {
	t.Helper()
	var notes bytes.Buffer
	got := map[string]float64{}
	calls := 0 // of which each was timed
	for _, r := range benchtest.Verifies(t, p.Case(), &bench.Options{Rounds: 1, Turn: time.Millisecond, Quick: true, Log: &notes}) {
		got[r.System+" "+r.Metric] = r.Value
		if r.Metric == "latency_p50" {
			calls = r.N
		}
	}
	want := []string{"vitrine time", "vitrine compile", "vitrine latency_p50", "vitrine latency_max", "vitrine throughput",
		"vitrine memory", "vitrine fuel", "vitrine-warm time", "vitrine-interpreter time", "vitrine-interpreter ratio"}
	if calls >= 100 { // fewer have none
		want = append(want, "vitrine latency_p99")
	}
	if p.Kind != plugin.Extism {
		want = append(want, "vitrine-fresh time", "wazero time", "wazero-ctx time", "wazero-fresh ratio", "wazero compile")
	}
	for _, name := range want {
		if _, ok := got[name]; !ok && !strings.Contains(notes.String(), strings.Fields(name)[0]+" is left out") {
			t.Errorf("no %s, and no note: %s", name, &notes)
		}
	}
	return got
}

// What the profile's functions used must be what the call did, or it is no figure.
func TestFuelCaseVerifies(t *testing.T) {
	p := &plugin.Plugin{Wasm: fresh.CGuest, Func: "greet", Input: fresh.Input}
	benchtest.Verifies(t, p.FuelCase(func(*plugin.Profile) {}), nil)
}

// A plugin that keeps count answers otherwise when it is called again: what would time that is left out.
func TestOtherAnswersAreNotTimed(t *testing.T) {
	// (module (global $n (mut i32) (i32.const 0))
	//   (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
	counter := []byte("\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f\x03\x02\x01\x00\x06\x06\x01\x7f\x01\x41\x00\x0b" +
		"\x07\x08\x01\x04next\x00\x00\x0a\x0d\x01\x0b\x00\x23\x00\x41\x01\x6a\x24\x00\x23\x00\x0b")
	p := &plugin.Plugin{Wasm: counter, Func: "next", Kind: plugin.Raw}
	var notes bytes.Buffer
	opts := &bench.Options{Rounds: 1, Turn: time.Millisecond, Quick: true, Log: &notes}
	err := p.Case().Run(context.Background(), opts, func(r bench.Row) {
		if r.System == "vitrine-warm" || r.System == "wazero" || r.System == "vitrine-interpreter" {
			t.Errorf("timed: %+v", r)
		}
	})
	if err != nil || !strings.Contains(notes.String(), "vitrine-warm is left out: next: vitrine-warm answered") {
		t.Errorf("%s %v", &notes, err)
	}
}

// Where a call goes that a limit ends is what its author wants to know.
func TestProfileOfALimit(t *testing.T) {
	p := &plugin.Plugin{Wasm: read(t, "../metering/programs/c/cscript.wasm"), Func: "run", Kind: plugin.Raw, Args: []uint64{1},
		Limits: &runtime.Limits{Fuel: 1_000_000}}
	profile, err := p.Profile(context.Background())
	if err != nil || profile.Err == nil || profile.Fuel != 1_000_000 || len(profile.Funcs) == 0 {
		t.Errorf("%+v %v", profile, err)
	}
	if err := p.Case().Run(context.Background(), &bench.Options{Quick: true}, func(r bench.Row) { t.Errorf("%+v", r) }); err == nil {
		t.Error("no error")
	}
}

func ExampleReadable() {
	fmt.Println(plugin.Readable("_ZN4core3fmt5write17h0123456789abcdefE"))
	fmt.Println(plugin.Readable("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17hd4bb5ab0cb19a5e1E"))
	fmt.Println(plugin.Readable("main.greet"))
	// Output:
	// core::fmt::write
	// <alloc::string::String as core::fmt::Display>::fmt
	// main.greet
}

func FuzzReadable(f *testing.F) {
	f.Add("_ZN4core3fmt5write17h0123456789abcdefE")
	f.Add("_ZN99999999999999999999E")
	f.Fuzz(func(t *testing.T, name string) {
		if got := plugin.Readable(name); len(got) > 2*len(name) {
			t.Errorf("%q becomes %q", name, got)
		}
	})
}
