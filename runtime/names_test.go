package runtime_test

import (
	"context"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A fault names the function as its author knows it: metering moves their indices.
func TestTrapsNameTheFunction(t *testing.T) {
	bare, err := wasm.Decode(guest(t, "names"))
	if err != nil {
		t.Fatal(err)
	}
	bare.Customs = nil
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		for _, c := range []struct{ fn, named, bare string }{
			{"exported", "exported", "exported"},
			{"call_named", "named", "function 1"},
			{"call_unnamed", "function 2", "function 2"},
			{"call_recursive", "function 3", "function 3"},
			{"call_copy", "function 4", "function 4"},
		} {
			for code, want := range map[string]string{string(guest(t, "names")): c.named, string(bare.Encode()): c.bare} {
				m, err := newRuntime(t, opts).Compile(context.Background(), []byte(code), nil)
				if err != nil {
					t.Fatal(err)
				}
				_, err = instantiate(t, m, nil).Invoke(context.Background(), c.fn)
				f := wantFault(t, err, runtime.FaultTrap, "")
				_, got, _ := strings.Cut(f.Message, " in ")
				if got != want {
					t.Errorf("%s: %q, want it in %q", c.fn, f.Message, want)
				}
			}
		}
	})
}

// Fuel that was used is never more than there was, and always as much.
func TestFuelUsedUpIsTheBudget(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "numbers", &runtime.Limits{Fuel: 1000})
		for range 3 {
			in := instantiate(t, m, nil)
			_, err := in.Invoke(context.Background(), "fib", 20)
			wantFault(t, err, runtime.FaultFuel, runtime.LimitFuel)
			if got := in.Stats().Fuel; got != 1000 {
				t.Errorf("used %d of 1000", got)
			}
		}
	})
}

// What a guest calls itself ends in the host's logs and on its terminals: bounded, and escaped.
func TestTrapsEscapeNames(t *testing.T) {
	hostile := strings.Repeat("\x1b[2J\n\u202e\x00<b>\xff", 60)
	m, err := wasm.Decode(guest(t, "faults"))
	if err != nil {
		t.Fatal(err)
	}
	valid := strings.ToValidUTF8(hostile, "")
	names, own := &wasm.Names{Module: valid}, m.Exports[0].Index
	for i := range m.Exports {
		if e := &m.Exports[i]; e.Name == "unreachable" {
			e.Name, own = valid, e.Index
		}
	}
	for i := range own + 1 {
		names.Funcs = append(names.Funcs, wasm.FuncName{Index: i, Name: hostile})
	}
	m.Customs = []wasm.Custom{{Name: wasm.NameSection, Bytes: names.Encode()}}
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		mod, err := newRuntime(t, opts).Compile(context.Background(), m.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = instantiate(t, mod, nil).Invoke(context.Background(), valid)
		f := wantFault(t, err, runtime.FaultTrap, "")
		if len(f.Message) > 2<<10 || len(f.Error()) > 2<<10 || !strings.Contains(f.Message, "unreachable in ") {
			t.Errorf("%d bytes: %s", len(f.Error()), f)
		}
		for _, r := range f.Error() {
			if !unicode.IsPrint(r) || r == utf8.RuneError {
				t.Fatalf("%q in %q", r, f.Error())
			}
		}
	})
}
