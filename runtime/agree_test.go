package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// account runs every export of a module, each in an instance of its own with zeros for
// arguments, and says what came of it and what fuel it took. Fuel and not time ends what
// does not end by itself, so that every engine has to say the same, word for word.
func account(t *testing.T, name string, code []byte) (said string, calls int) {
	t.Helper()
	rt, err := runtime.New(&runtime.Options{Engine: name})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(context.Background())
	m, err := rt.Compile(context.Background(), code, &runtime.Limits{
		WallTime: time.Minute, Fuel: 3_000_000, StackDepth: 1_500, Memory: 64 << 20, HostCalls: 1 << 40})
	if err != nil {
		return fmt.Sprint(errors.As(err, new(*runtime.InvalidError))), 0
	}
	var all strings.Builder
	for _, e := range m.Info().Exports {
		if e.Kind != wasm.KindFunc {
			continue
		}
		in, err := m.Instantiate(context.Background(), nil)
		if err != nil {
			return fmt.Sprintf("instantiate: %v", err), 0
		}
		got, err := in.Invoke(context.Background(), e.Name, make([]uint64, len(e.Params))...)
		fmt.Fprintf(&all, "%s: %x, %v, fuel %d\n", e.Name, got, err, in.Stats().Fuel)
		if err := in.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		calls++
	}
	return all.String(), calls
}

// agree holds what each engine says of a module against what the first says.
func agree(t *testing.T, code []byte) int {
	t.Helper()
	want, calls := account(t, engine.Wazero, code)
	for _, name := range engine.Names()[1:] {
		if got, _ := account(t, name, code); got != want {
			t.Errorf("wazero: %s\n%s: %s", want, name, got)
		}
	}
	return calls
}

func TestEnginesAgreeOnBombs(t *testing.T) {
	files, err := filepath.Glob("testdata/bombs/*.wasm")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d bombs, %v", len(files), err)
	}
	for i, file := range files {
		if testing.Short() && i%8 > 0 {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".wasm"), func(t *testing.T) {
			code, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, code)
		})
	}
}

// A guest that traps keeps some of its fuel where nobody sees it, and comes out when the
// clock says so: what it used is the same all the same, on every engine and every time.
func TestEnginesAgreeOnFuelOfTraps(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	for _, fn := range []string{"loop", "wide", "nested", "again", "recursive", "walks"} {
		for range 5 {
			n, want := 1+random.Uint64N(1<<(4+random.IntN(18))), ""
			for _, name := range append(engine.Names(), engine.Wazero) {
				m := compile(t, newRuntime(t, &runtime.Options{Engine: name}), "trap_anywhere", &runtime.Limits{WallTime: time.Minute})
				in := instantiate(t, m, nil)
				_, err := in.Invoke(context.Background(), fn, n)
				wantFault(t, err, runtime.FaultTrap, "")
				got := fmt.Sprintf("%v, fuel %d", err, in.Stats().Fuel)
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s(%d): %s; on %s %s", fn, n, want, name, got)
				}
			}
		}
	}
}

// Without NaN, whose bits are free.
func TestEnginesAgreeOnRandomModules(t *testing.T) {
	opt, err := exec.LookPath("wasm-opt")
	if err != nil {
		t.Skip("wasm-opt is not installed")
	}
	modules, calls := 30, 0
	if testing.Short() {
		modules = 3
	}
	random, dir := rand.New(rand.NewPCG(3, 5)), t.TempDir()
	for n := 0; n < modules; {
		seed := make([]byte, 500+random.IntN(4000))
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		in, out := filepath.Join(dir, "seed"), filepath.Join(dir, "out.wasm")
		if err := os.WriteFile(in, seed, 0o600); err != nil {
			t.Fatal(err)
		}
		msg, err := exec.Command(opt, "-ttf", in, "-o", out, "--remove-imports", "--denan", "--mvp-features", "--enable-multivalue", "--enable-simd",
			"--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-mutable-globals", "--enable-reference-types", "--enable-bulk-memory").CombinedOutput()
		if err != nil && strings.Contains(string(msg), "must exist") {
			continue // it took the address of an import
		} else if err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		n++
		code, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if calls += agree(t, code); t.Failed() {
			t.Fatalf("module %d", n)
		}
	}
	if t.Logf("%d calls compared", calls); calls < modules {
		t.Errorf("only %d calls compared in %d modules", calls, modules)
	}
}
