package runtime_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

//go:generate testdata/assemble.sh

func TestMain(m *testing.M) { leak.Main(m) }

func guest(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hostFuncs are what testdata/host.wat imports. State is a *hostState.
func hostFuncs() []runtime.HostFunc {
	return []runtime.HostFunc{
		{Module: "test:host", Name: "mix",
			Params:  []runtime.ValueType{runtime.I32, runtime.I64, runtime.F32, runtime.F64},
			Results: []runtime.ValueType{runtime.F64},
			Call: func(_ *runtime.Caller, stack []uint64) {
				sum := float64(int32(stack[0])) + float64(int64(stack[1])) +
					float64(math.Float32frombits(uint32(stack[2]))) + math.Float64frombits(stack[3])
				stack[0] = math.Float64bits(sum)
			}},
		{Module: "test:host", Name: "touch",
			Params:  []runtime.ValueType{runtime.I32, runtime.I32},
			Results: []runtime.ValueType{runtime.I32},
			Call: func(c *runtime.Caller, stack []uint64) {
				s := c.State().(*hostState)
				s.kept = c
				b, ok := c.Read(uint32(stack[0]), uint32(stack[1]))
				if !ok {
					stack[0] = math.MaxUint32
					return
				}
				s.seen = append(s.seen[:0], b...)
				c.Write(uint32(stack[0]), []byte("H"))
				stack[0] = uint64(len(b))
			}},
		{Module: "test:host", Name: "stop",
			Params: []runtime.ValueType{runtime.I32},
			Call: func(c *runtime.Caller, stack []uint64) {
				c.State().(*hostState).stop(c, uint32(stack[0]))
			}},
	}
}

type hostState struct {
	seen []byte
	kept *runtime.Caller
	stop func(c *runtime.Caller, how uint32)
}

// newRuntime has time to compile: with the race detector, a module in Go takes a minute on a machine that is busy.
func newRuntime(t testing.TB, opts *runtime.Options) *runtime.Runtime {
	t.Helper()
	var o runtime.Options
	if opts != nil {
		o = *opts
	}
	if o.Compiler == nil {
		patient, err := runtime.NewCompiler(&runtime.CompilerOptions{Time: 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		o.Compiler = patient
	}
	rt, err := runtime.New(&o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Errorf("closing the runtime: %v", err)
		}
	})
	return rt
}

// compile gives guests a minute where a test says nothing of time.
func compile(t testing.TB, rt *runtime.Runtime, name string, limits *runtime.Limits) *runtime.Module {
	t.Helper()
	var l runtime.Limits
	if limits != nil {
		l = *limits
	}
	l.WallTime = cmp.Or(l.WallTime, time.Minute)
	m, err := rt.Compile(context.Background(), guest(t, name), &l)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func instantiate(t testing.TB, m *runtime.Module, opts *runtime.InstanceOptions) *runtime.Instance {
	t.Helper()
	in, err := m.Instantiate(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// eachEngine runs a test on every engine of this build.
func eachEngine(t *testing.T, test func(t *testing.T, opts *runtime.Options)) {
	for _, name := range engine.Names() {
		t.Run(name, func(t *testing.T) {
			test(t, &runtime.Options{Engine: name, HostFuncs: hostFuncs()})
		})
	}
}

func wantFault(t *testing.T, err error, kind runtime.FaultKind, limit string) *runtime.Fault {
	t.Helper()
	var f *runtime.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v (%T), want a fault of kind %s", err, err, kind)
	}
	if f.Kind != kind || f.Limit != limit {
		t.Fatalf("fault %s with limit %q, want %s with %q: %v", f.Kind, f.Limit, kind, limit, err)
	}
	return f
}

const short = 100 * time.Millisecond
