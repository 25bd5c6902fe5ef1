package sandbox_test

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/keeper/plugin.wat -o testdata/keeper/plugin.wasm

//go:embed testdata/keeper/plugin.wasm
var keeperWasm []byte

// keeper loads a version of a plugin that counts, and can hand over how far it came.
func keeper(t testing.TB, version string, policy *sandbox.Policy) *sandbox.Plugin {
	t.Helper()
	p, err := sandbox.Load(context.Background(), newRuntime(t), fstest.MapFS{
		"vitrine.json": {Data: fmt.Appendf(nil, `{"apiVersion": "v1", "id": "keeper", "name": "Keeper", "version": %q,
			"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`, version)},
		"plugin.wasm": {Data: keeperWasm},
	}, patient(policy))
	must(t, err)
	return p
}

// heir lets a sandbox of next take over, and remembers what it was given.
type heir struct {
	next  *sandbox.Plugin
	state []byte
	err   error
	seen  *stage
	box   *sandbox.Sandbox
}

// heirOf is an heir that takes whatever state there is; what it makes is closed with the test.
func heirOf(t testing.TB, next *sandbox.Plugin) *heir {
	h := &heir{next: next, seen: newStage()}
	t.Cleanup(func() {
		if h.box != nil {
			must(t, h.box.Close(context.Background()))
		}
	})
	return h
}

func (h *heir) Take(state []byte, err error) *sandbox.Sandbox {
	if h.state, h.err = state, err; err != nil {
		return nil
	}
	box, err := h.next.New(&sandbox.Options{State: state, View: h.seen})
	if err == nil {
		h.box = box
		err = errors.Join(box.Mount(abi.MountContext{}), box.Settled(context.Background()))
	}
	if err == nil && strings.Contains(h.seen.String(), "fault") {
		err = errors.New(h.seen.String())
	}
	if h.err = err; err != nil {
		return nil
	}
	return box
}

func (h *heir) Settle(move func()) { move() }

// counted calls count until it answers n.
func counted(t testing.TB, s *sandbox.Sandbox, n int32) {
	t.Helper()
	for number(t, s, "count") < n {
	}
}

func TestHandover(t *testing.T) {
	for _, tt := range []struct {
		name, err string // of why the old one stays; "" when it does not
		at        int32
		parked    bool
		dies      bool
	}{
		{name: "with its state", at: 3},
		{name: "parked, with its state", at: 4, parked: true},
		{name: "breaks over it", at: 13, err: "unreachable", dies: true},
		{name: "saves too much", at: 14, err: "2097152 bytes, the limit is 1048576"},
		{name: "says no", at: 16, err: "x"},
		{name: "is not understood", at: 15, err: "fault"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy := &sandbox.Policy{Idle: -1}
			if tt.parked {
				policy.Idle = time.Millisecond
			}
			view := newStage()
			old := box(t, keeper(t, "1.0.0", policy), view, []abi.Capability{}...)
			must(t, old.Mount(abi.MountContext{}))
			counted(t, old, tt.at)
			if tt.parked {
				asleep(t, old)
			}
			h := heirOf(t, keeper(t, "2.0.0", nil))
			over, err := old.Handover(h.next, h)
			must(t, err)
			<-over
			if tt.err == "" {
				if h.err != nil || number(t, h.box, "count") != tt.at+1 {
					t.Errorf("%v", h.err)
				}
				if _, err := old.Call(context.Background(), "count", nil); !errors.Is(err, sandbox.ErrClosed) {
					t.Errorf("the old one: %v", err)
				}
				return
			}
			if h.err == nil || !strings.Contains(h.err.Error(), tt.err) {
				t.Errorf("error %v, want %q", h.err, tt.err)
			}
			if tt.dies {
				if !strings.Contains(view.String(), "fault") {
					t.Errorf("it broke, and shown was %s", view)
				}
				return
			}
			if got := number(t, old, "count"); got != tt.at+1 || strings.Contains(view.String(), "fault") {
				t.Errorf("the old one counts %d; shown was %s", got, view)
			}
		})
	}
}

func TestHandoverNeedsBothVersions(t *testing.T) {
	for _, tt := range []struct{ from, to *sandbox.Plugin }{
		{keeper(t, "1.0.0", nil), load(t, nil)},
		{load(t, nil), keeper(t, "1.0.0", nil)},
	} {
		old := box(t, tt.from, nil)
		h := heirOf(t, tt.to)
		for _, mounted := range []bool{false, true} {
			over, err := old.Handover(h.next, h)
			must(t, err)
			if <-over; !errors.Is(h.err, sandbox.ErrState) || strings.Contains(h.err.Error(), "not mounted") == mounted {
				t.Errorf("mounted %v: %v", mounted, h.err)
			}
			must(t, old.Mount(abi.MountContext{}))
		}
	}
}

// What waits while versions change is done once, in order, by whichever is there; one that closes in the
// midst of it leaves nobody waiting.
func TestHandoverUnderLoad(t *testing.T) {
	versions := 20
	if testing.Short() {
		versions = 5
	}
	now := box(t, keeper(t, "1.0.0", &sandbox.Policy{Idle: time.Millisecond}), nil)
	must(t, now.Mount(abi.MountContext{}))
	var mu sync.Mutex
	counted(t, now, 20) // beyond the numbers at which it does not let itself be handed over
	calls, stop := int32(20), make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				mu.Lock()
				s := now
				mu.Unlock()
				_, err := s.Call(context.Background(), "count", nil)
				mu.Lock()
				replaced := s != now
				if err == nil {
					calls++
				}
				mu.Unlock()
				if err != nil && (!errors.Is(err, sandbox.ErrClosed) || !replaced) { // else it has not begun
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range versions {
		h := heirOf(t, keeper(t, fmt.Sprintf("2.0.%d", i), &sandbox.Policy{Idle: time.Millisecond}))
		over, err := now.Handover(h.next, locking{h, &mu, &now})
		must(t, err)
		if <-over; h.err != nil {
			t.Error(h.err)
			break
		}
	}
	close(stop)
	wg.Wait()
	if got := number(t, now, "count"); got != calls+1 {
		t.Errorf("%d calls were answered, it counted %d", calls+1, got)
	}
	h := heirOf(t, keeper(t, "3.0.0", nil))
	over, err := now.Handover(h.next, h)
	must(t, err)
	now.Unmount()
	<-over
	if _, err := now.Handover(h.next, h); !errors.Is(err, sandbox.ErrClosed) && h.box == nil {
		t.Errorf("one that closes: %v", err)
	}
}

// locking makes the new sandbox the one that callers see.
type locking struct {
	*heir
	mu  *sync.Mutex
	now **sandbox.Sandbox
}

func (l locking) Settle(move func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.now = l.box
	move()
}

func TestProbe(t *testing.T) {
	ctx := context.Background()
	p := keeper(t, "1.0.0", nil)
	if err := p.Probe(ctx, nil, abi.MountContext{}); err != nil {
		t.Error(err)
	}
	var fault *runtime.Fault
	state := binary.LittleEndian.AppendUint32(nil, 15)
	if err := p.Probe(ctx, &sandbox.Options{State: state}, abi.MountContext{}); !errors.As(err, &fault) {
		t.Errorf("a version that breaks: %v", err)
	}
	if err := p.Probe(ctx, &sandbox.Options{Grants: []abi.Capability{"no such"}}, abi.MountContext{}); err == nil {
		t.Error("options that nobody could be given")
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Probe(done, nil, abi.MountContext{}); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// succession puts the new version in the place of the old one.
type succession struct {
	next *sandbox.Plugin
	box  *sandbox.Sandbox
}

func (s *succession) Take(state []byte, err error) *sandbox.Sandbox {
	if err != nil {
		return nil // the old one goes on
	}
	if s.box, err = s.next.New(&sandbox.Options{State: state}); err != nil {
		return nil
	}
	if err := errors.Join(s.box.Mount(abi.MountContext{}), s.box.Settled(context.Background())); err != nil {
		return nil
	}
	return s.box
}

func (s *succession) Settle(move func()) { move() }

func ExampleSandbox_Handover() {
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close(ctx)
	manifest := `{"apiVersion": "v1", "id": "keeper", "name": "Keeper", "version": %q,
		"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`
	var plugins [2]*sandbox.Plugin
	for i, version := range []string{"1.0.0", "1.1.0"} {
		plugins[i], err = sandbox.Load(ctx, rt, fstest.MapFS{
			"vitrine.json": {Data: fmt.Appendf(nil, manifest, version)}, "plugin.wasm": {Data: keeperWasm}}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	s, _ := plugins[0].New(nil)
	_ = s.Mount(abi.MountContext{Locale: "en"})
	one, err := s.Call(ctx, "count", nil)
	fmt.Println(one, err)

	heir := &succession{next: plugins[1]}
	over, err := s.Handover(plugins[1], heir)
	if err != nil {
		fmt.Println(err)
		return
	}
	<-over
	two, err := heir.box.Call(ctx, "count", nil)
	fmt.Println(two, err)
	// Output:
	// [1 0 0 0] <nil>
	// [2 0 0 0] <nil>
}
