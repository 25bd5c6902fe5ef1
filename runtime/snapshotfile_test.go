package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

func snapshotOf(t *testing.T, m *runtime.Module) []byte {
	t.Helper()
	b, _, err := m.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An instance that begins with a snapshot that was made elsewhere is as one that has started itself.
func TestSnapshotThatCameAlong(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		b := snapshotOf(t, compile(t, newRuntime(t, opts), "pool", nil))
		m := compile(t, newRuntime(t, opts), "pool", nil)
		if err := m.UseSnapshot(b); err != nil {
			t.Fatal(err)
		}
		for i := range uint64(3) {
			in := get(t, m, nil)
			if ask(t, in, "prepared") != 1 || ask(t, in, "dirty", i+1) != 0 {
				t.Error("not as it is when it has started")
			}
			in.Close(context.Background())
		}
		if again := snapshotOf(t, m); string(again) != string(b) {
			t.Error("what it gives on is not the same")
		}
		if err := m.UseSnapshot(b); err == nil {
			t.Error("taken after it was used")
		}
	})
}

// A guest begins with what its snapshot says and does not start.
func TestSnapshotIsUsed(t *testing.T) {
	ctx := context.Background()
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs()})
	first := compile(t, rt, "start_loop", &runtime.Limits{Fuel: 1e6})
	if _, _, err := first.Snapshot(ctx); !errors.Is(err, runtime.ErrNoSnapshot) {
		t.Errorf("of a module that never gets to its end: %v", err)
	}
	asks := compile(t, rt, "asks", nil)
	if _, _, err := asks.Snapshot(ctx); !errors.Is(err, runtime.ErrNoSnapshot) {
		t.Errorf("of a module that calls the host as it starts: %v", err)
	}
}

func TestSnapshotOfAnotherModule(t *testing.T) {
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs()})
	b := snapshotOf(t, compile(t, rt, "pool", nil))
	for _, c := range []struct {
		name   string
		limits *runtime.Limits
	}{
		{"abi", nil},
		{"pool", &runtime.Limits{Memory: 2 * runtime.PageSize}}, // it has grown to three
	} {
		m := compile(t, rt, c.name, c.limits)
		var bad *runtime.SnapshotError
		if err := m.UseSnapshot(b); !errors.As(err, &bad) {
			t.Errorf("%s: %v", c.name, err)
		}
		if uint64(len(b)) > compile(t, rt, "pool", nil).SnapshotSize() {
			t.Error("longer than the longest")
		}
	}
	closed := compile(t, rt, "pool", nil)
	closed.Close(context.Background())
	if _, _, err := closed.Snapshot(context.Background()); err == nil {
		t.Error("a closed module has a snapshot")
	}
	if closed.UseSnapshot(b) == nil {
		t.Error("a closed module takes a snapshot")
	}
}

// The Go guest's memory is large, and its snapshot is what is not zero of it.
func TestSnapshotOfGoGuest(t *testing.T) {
	code := goGuest(t)
	ctx := context.Background()
	var snap []byte
	for range 2 {
		m, err := newRuntime(t, nil).Compile(ctx, code, nil)
		if err != nil {
			t.Fatal(err)
		}
		if snap == nil {
			b, random, err := m.Snapshot(ctx)
			if err != nil || !random {
				t.Fatalf("random %v, %v", random, err)
			}
			snap = b
			continue
		}
		if err := m.UseSnapshot(snap); err != nil {
			t.Fatal(err)
		}
		out, err := get(t, m, nil).Call(ctx, "greet", []byte("world"))
		if err != nil || string(out) != "hello world" {
			t.Errorf("%s, %v", out, err)
		}
		t.Logf("%d bytes of module, %d of snapshot", len(code), len(snap))
	}
}

// A module that was started at home need not start where it goes.
func ExampleModule_UseSnapshot() {
	ctx := context.Background()
	code, _ := os.ReadFile("testdata/abi.wasm")
	home, _ := runtime.New(nil)
	defer home.Close(ctx)
	mod, _ := home.Compile(ctx, code, nil)
	snapshot, random, err := mod.Snapshot(ctx)
	fmt.Println(random, err)

	away, _ := runtime.New(nil)
	defer away.Close(ctx)
	mod, _ = away.Compile(ctx, code, nil)
	fmt.Println(mod.UseSnapshot(snapshot))
	in, _ := mod.Get(ctx, nil)
	fmt.Println(in.Call(ctx, "count", nil))
	snapshot[100]++
	fmt.Println(mod.UseSnapshot(snapshot))
	// Output:
	// false <nil>
	// <nil>
	// [1] <nil>
	// runtime: snapshot: it was damaged; make it again of this module, or leave it out
}
