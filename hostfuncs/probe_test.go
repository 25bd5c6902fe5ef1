package hostfuncs_test

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

//go:generate wat2wasm testdata/probe.wat -o testdata/probe.wasm
//go:generate wat2wasm testdata/large.wat -o testdata/large.wasm

//go:embed testdata/probe.wasm
var probeWasm []byte

//go:embed testdata/large.wasm
var largeWasm []byte

// outside is an address behind the probe's one page of memory.
const outside = 1 << 16

// gate answers the same to every question and counts them.
type gate struct {
	code   abi.Code
	asked  []abi.Capability
	permit func(*abi.Need) abi.Code // nil: code
	holds  func(*abi.Need) abi.Code // nil: as permit
}

func (g *gate) Permit(n *abi.Need) abi.Code {
	if g.permit != nil {
		return g.permit(n)
	}
	return g.code
}

func (g *gate) Holds(n *abi.Need) abi.Code {
	if g.holds != nil {
		return g.holds(n)
	}
	return g.Permit(n)
}

func (g *gate) Check(c abi.Capability) abi.Code {
	g.asked = append(g.asked, c)
	return g.code
}

// screen remembers what it was shown and answers code.
type screen struct {
	code            abi.Code
	rendered, paint []byte
}

func (s *screen) Render(b []byte) abi.Code { s.rendered = bytes.Clone(b); return s.code }
func (s *screen) Paint(b []byte) abi.Code  { s.paint = bytes.Clone(b); return s.code }

// probe is a guest whose part the test plays.
type probe struct {
	t   *testing.T
	in  *runtime.Instance
	env *hostfuncs.Env
}

func newProbe(t *testing.T, opts *hostfuncs.Options) *probe {
	t.Helper()
	env := hostfuncs.NewEnv(opts)
	return &probe{t: t, in: instantiate(t, probeWasm, env), env: env}
}

func instantiate(t *testing.T, code []byte, state any) *runtime.Instance {
	t.Helper()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close(context.Background()) })
	mod, err := rt.Compile(context.Background(), code, &runtime.Limits{WallTime: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	in, err := mod.Instantiate(context.Background(), &runtime.InstanceOptions{State: state})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// call calls a function of the probe and returns its result, an i32 if it is not named in wide.
func (p *probe) call(name string, args ...uint64) int64 {
	p.t.Helper()
	out, err := p.in.Invoke(context.Background(), name, args...)
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	if len(out) == 0 {
		return 0
	}
	if strings.HasPrefix(name, "clock.") || name == "core.memory" {
		return int64(out[0])
	}
	return int64(int32(out[0]))
}

func (p *probe) expect(want int64, name string, args ...uint64) {
	p.t.Helper()
	if got := p.call(name, args...); got != want {
		p.t.Errorf("%s%v = %d, want %d", name, args, got, want)
	}
}

// put writes b at address at and returns the arguments that name it.
func (p *probe) put(at uint64, b []byte) (ptr, n uint64) {
	for i, c := range b {
		p.call("poke", at+uint64(i), uint64(c))
	}
	return at, uint64(len(b))
}

func (p *probe) get(at, n uint64) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(p.call("peek", at+uint64(i)))
	}
	return out
}

// textLog is a logger whose lines can be read.
func textLog() (*slog.Logger, *strings.Builder) {
	var b strings.Builder
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: drop})), &b
}

// manualClock is a clock that moves when it is told to.
type manualClock struct{ time.Time }

func (c *manualClock) now() time.Time { return c.Time }

var _ io.Reader = failingReader{}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
