package sandbox_test

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/actor/plugin.wat -o testdata/actor/plugin.wasm

//go:embed testdata/actor/plugin.wasm
var actorWasm []byte

func TestMain(m *testing.M) { leak.Main(m) }

// The commands of testdata/actor.
const (
	doCount = iota
	doTrap
	doLoop
	doAgain
	doFail
	doGarbage
	doPaint
	doForever
	doHTTP
	doLog
	doPrint
	doExit
	doPrintAndTrap
	doDouble
	doDoubleLater
	doBadPaint
)

// all is everything that the actor imports.
const all = `"props", "ui", "log", "http"`

func manifest(capabilities string) string {
	permissions := ""
	if strings.Contains(capabilities, `"http"`) {
		permissions = `"permissions": {"net": [{"host": "api.example.com", "methods": ["GET"], "reason": "It asks."}]}, `
	}
	return `{"apiVersion": "v1", "id": "actor", "name": "Actor", "version": "1.0.0", ` + permissions + `
		"runtime": {"wasm": "plugin.wasm"}, "capabilities": [` + capabilities + `], "assets": ["logo.png"]}`
}

func folder(capabilities string, wasm []byte) fstest.MapFS {
	return fstest.MapFS{
		"vitrine.json": {Data: []byte(manifest(capabilities))},
		"plugin.wasm":  {Data: wasm},
		"logo.png":     {Data: []byte("\x89PNG")},
		"secret.txt":   {Data: []byte("secret")},
	}
}

func newRuntime(t testing.TB) *runtime.Runtime {
	t.Helper()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return rt
}

// patient is a policy with a minute for a call where it says nothing of time: what guests do is tested, not how fast this machine is.
func patient(policy *sandbox.Policy) *sandbox.Policy {
	var p sandbox.Policy
	if policy != nil {
		p = *policy
	}
	var l runtime.Limits
	if p.Limits != nil {
		l = *p.Limits
	}
	l.WallTime = cmp.Or(l.WallTime, time.Minute)
	p.Limits = &l
	return &p
}

func load(t testing.TB, policy *sandbox.Policy) *sandbox.Plugin {
	t.Helper()
	p, err := sandbox.Load(context.Background(), newRuntime(t), folder(all, actorWasm), patient(policy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// watched is load on a host whose scheduler tells when a guest computes.
func watched(t testing.TB, policy *sandbox.Policy, opts *runtime.SchedulerOptions) (*sandbox.Plugin, *runtime.Scheduler) {
	t.Helper()
	if opts == nil {
		opts = &runtime.SchedulerOptions{Wait: time.Minute}
	}
	sched, err := runtime.NewScheduler(opts)
	must(t, err)
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched})
	must(t, err)
	t.Cleanup(func() { must(t, rt.Close(context.Background())) })
	p, err := sandbox.Load(context.Background(), rt, folder(all, actorWasm), patient(policy))
	must(t, err)
	return p, sched
}

// computing waits until n guests compute or want to.
func computing(t *testing.T, sched *runtime.Scheduler, n int) {
	t.Helper()
	waitFor(t, "guests compute", func() bool {
		at, queued := sched.Load()
		return at+queued >= n
	})
}

// stage is a View that remembers what it was shown, as words.
type stage struct {
	mu    sync.Mutex
	shown []string
	moved chan struct{}
}

func newStage() *stage { return &stage{moved: make(chan struct{}, 1)} }

func (s *stage) note(format string, args ...any) {
	s.mu.Lock()
	s.shown = append(s.shown, fmt.Sprintf(format, args...))
	s.mu.Unlock()
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func (s *stage) Tree(t *abi.Tree) {
	p, _ := t.Prop(0, 0)
	s.note("tree %s", t.Bytes(p))
}
func (s *stage) Paint(p *abi.Paint)     { s.note("paint %dx%d %x", p.Width, p.Height, p.Pixels) }
func (s *stage) Done()                  { s.note("done") }
func (s *stage) Fault(f *sandbox.Fault) { s.note("fault: %s", f.Text) }

func (s *stage) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.shown, ", ")
}

// expect waits until the stage has been shown what want says, from the beginning.
func (s *stage) expect(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !strings.HasPrefix(s.String(), want) {
		select {
		case <-s.moved:
		case <-deadline:
			t.Fatalf("shown was\n  %s\nwant\n  %s", s, want)
		}
	}
}

// box is a sandbox with everything that can be granted.
func box(t testing.TB, p *sandbox.Plugin, view sandbox.View, grants ...abi.Capability) *sandbox.Sandbox {
	t.Helper()
	if grants == nil {
		grants = []abi.Capability{abi.CapProps, abi.CapUI, abi.CapLog}
	}
	s, err := p.New(&sandbox.Options{Grants: grants, View: view, Principal: "somebody"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func command(n byte) func() ([]byte, bool) {
	return func() ([]byte, bool) { return []byte{0x82, n, 0x80}, true }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// number calls a compute function that answers 4 bytes.
func number(t testing.TB, s *sandbox.Sandbox, fn string) int32 {
	t.Helper()
	b, err := s.Call(context.Background(), fn, nil)
	must(t, err)
	return int32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
