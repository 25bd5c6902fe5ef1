package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// profiled runs an export of a module with and without a profile, and returns both instances.
func profiled(t *testing.T, code []byte, limits *runtime.Limits, name string, args ...uint64) (plain, counted *runtime.Instance, err error) {
	t.Helper()
	ctx := context.Background()
	var instances [2]*runtime.Instance
	var errs [2]error
	for i, profile := range []bool{false, true} {
		rt, err := runtime.New(&runtime.Options{Profile: profile})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { rt.Close(ctx) })
		m, err := rt.Compile(ctx, code, limits)
		if err != nil {
			t.Fatal(err)
		}
		if instances[i], err = m.Instantiate(ctx, nil); err != nil {
			t.Fatal(err)
		}
		_, errs[i] = instances[i].Invoke(ctx, name, args...)
	}
	if fmt.Sprint(errs[0]) != fmt.Sprint(errs[1]) {
		t.Errorf("without a profile %v, with one %v", errs[0], errs[1])
	}
	return instances[0], instances[1], errs[1]
}

// checkSum holds a profile against the fuel that was spent, with and without it.
func checkSum(t *testing.T, plain, counted *runtime.Instance) {
	t.Helper()
	var sum uint64
	for _, f := range counted.Profile() {
		sum += f.Self
		if f.Total < f.Self || f.Total > counted.Stats().Fuel || f.Name == "" {
			t.Errorf("%+v of %d", f, counted.Stats().Fuel)
		}
	}
	if sum != counted.Stats().Fuel || sum == 0 {
		t.Errorf("functions %d, instance %d", sum, counted.Stats().Fuel)
	}
	if plain.Profile() != nil {
		t.Error("a profile that nobody wanted")
	}
}

// Of every kernel, in C and in Rust, with leaf loops, recursion, prepaid functions and all.
func TestProfileSums(t *testing.T) {
	files, err := filepath.Glob("../bench/metering/*/*/*.wasm")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if strings.Contains(f, "/programs/") && testing.Short() {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(f), ".wasm"), func(t *testing.T) {
			t.Parallel()
			code, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			// A program does a job of seconds: fuel ends it, somewhere in the middle.
			plain, counted, err := profiled(t, code, &runtime.Limits{Fuel: 20_000_000, WallTime: 10 * time.Minute}, "run", 1)
			var fault *runtime.Fault
			if err != nil && (!errors.As(err, &fault) || fault.Kind != runtime.FaultFuel) {
				t.Fatal(err)
			}
			checkSum(t, plain, counted)
			if plain.Stats().Fuel != counted.Stats().Fuel {
				t.Errorf("fuel %d without a profile, %d with one", plain.Stats().Fuel, counted.Stats().Fuel)
			}
		})
	}
}

// What functions that recurse have spent when a trap ends them is known to a profile alone: else they carry it in
// registers.
func TestProfileOfTrap(t *testing.T) {
	plain, counted, err := profiled(t, guest(t, "profile"), nil, "run")
	if err == nil {
		t.Fatal("no trap")
	}
	checkSum(t, plain, counted)
	if p := counted.Profile(); len(p) != 2 || p[0].Calls != 10 || p[1].Name != "run" || p[1].Total != counted.Stats().Fuel {
		t.Errorf("%+v", p)
	}
}

func TestProfileNeedsAnEngineThatListens(t *testing.T) {
	if _, err := runtime.New(&runtime.Options{Profile: true, Engine: "wasmtime"}); err == nil {
		t.Error("no error")
	}
}
