// Package reload measures (case reload) how a plugin is replaced again and again while it is called: each version is
// compiled in a runtime of its own, probed, takes over the state of the one before, and that one is closed.
//
// Calls that fail are counted, and the number that the plugin counts must be that of the calls: none is lost
// and none happens twice. "ready" is how long a version takes until it is compiled and probed, while the one before
// is called; "handover" from then on until it has its place and state. Memory is what the operating system says,
// after the first tenth and at the end, of a process that does nothing else.
package reload

import (
	"context"
	_ "embed" // the plugin
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/hostfuncs"
	vitrine "github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/plugin.wat -o testdata/plugin.wasm

//go:embed testdata/plugin.wasm
var module []byte

// Cases is the case reload.
func Cases() []bench.Case {
	return []bench.Case{{
		Name: "reload", Help: "a plugin is replaced again and again while it is called", Unit: "us", Systems: []string{bench.Ours},
		Rounds: 1000, Quick: 50, Takes: 15 * time.Second, TakesQuick: 2 * time.Second,
		Measure: func(ctx context.Context, r *bench.Run) error { return r.Apart(ctx) },
		Child:   func(ctx context.Context, r *bench.Run, _ []string) error { return report(ctx, r) },
	}}
}

func report(ctx context.Context, r *bench.Run) error {
	f, err := measure(ctx, r.RoundsOf())
	if err != nil {
		return err
	}
	const variant = "c"
	if err := r.Verify(bench.Ours, variant, fmt.Append(nil, f.last, " counted, ", f.failed, " failed"), fmt.Append(nil, f.calls, " counted, 0 failed")); err != nil {
		return err
	}
	r.Quantiles(bench.Ours, variant, "ready", "us", f.ready)
	r.Quantiles(bench.Ours, variant, "handover", "us", f.over)
	r.Quantiles(bench.Ours, variant, "call", "us", f.waits)
	for _, m := range []struct {
		name, unit string
		value      float64
		n          int
	}{
		{"replacements", "1/s", float64(f.n) / f.took.Seconds(), f.n},
		{"calls_failed", "", float64(f.failed), f.calls},
		{"rss_grown", "MiB", f.grown() / (1 << 20), f.n},
		{"heap_grown", "MiB", float64(f.heap[1]-f.heap[0]) / (1 << 20), f.n},
		{"rss", "MiB", f.rss[1] / (1 << 20), f.n},
	} {
		r.Print(bench.Row{System: bench.Ours, Variant: variant, Metric: m.name, Value: m.value, Unit: m.unit, N: m.n})
	}
	return nil
}

// result is what was found.
type result struct {
	n             int
	took          time.Duration
	calls, failed int
	last          uint64     // that the plugin counted
	waits         []float64  // of calls, in us
	ready, over   []float64  // for each version: until it was compiled and probed, and to take over; in us
	rss           [2]float64 // after the first tenth, and at the end, in bytes
	heap          [2]int
}

func (r *result) grown() float64 { return r.rss[1] - r.rss[0] }

func us(since time.Time) float64 { return float64(time.Since(since)) / 1e3 }

// service is what callers see: whichever version there is.
type service struct {
	mu  sync.Mutex
	box *sandbox.Sandbox
}

// call calls the version that is there. One that was replaced in between has not begun the call.
func (s *service) call(ctx context.Context) (uint64, error) {
	for {
		s.mu.Lock()
		box := s.box
		s.mu.Unlock()
		out, err := box.Call(ctx, "count", nil)
		if errors.Is(err, sandbox.ErrClosed) {
			s.mu.Lock()
			again := s.box != box
			s.mu.Unlock()
			if again {
				continue
			}
		}
		if err != nil {
			return 0, err
		}
		return binary.LittleEndian.Uint64(out), nil
	}
}

// version is a plugin and the runtime that is its own.
type version struct {
	*sandbox.Plugin
	rt *vitrine.Runtime
}

// load compiles version i: other bytes each time, so that nothing can be shared.
func load(ctx context.Context, i int, shared *vitrine.Options) (*version, error) {
	note := fmt.Sprintf("version %d", i)
	custom := append([]byte{1, 'v'}, note...)
	wasm := append(append(slices.Clone(module), 0, byte(len(custom))), custom...)
	rt, err := vitrine.New(shared)
	if err != nil {
		return nil, err
	}
	manifest := fmt.Sprintf(`{"apiVersion": "v1", "id": "counter", "name": "Counter", "version": "1.0.%d",
		"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`, i)
	p, err := sandbox.Load(ctx, rt, fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "plugin.wasm": {Data: wasm}},
		&sandbox.Policy{Logger: slog.New(slog.DiscardHandler), Limits: &vitrine.Limits{WallTime: time.Minute}}) // a machine may stand still
	if err != nil {
		return nil, errors.Join(err, rt.Close(ctx))
	}
	return &version{p, rt}, nil
}

// heir lets the next version take over the service.
type heir struct {
	ctx   context.Context
	s     *service
	next  *version
	box   *sandbox.Sandbox
	error error
}

// Take implements sandbox.Heir.
func (h *heir) Take(state []byte, err error) *sandbox.Sandbox {
	if h.error = err; err != nil {
		return nil
	}
	if h.box, h.error = h.next.New(&sandbox.Options{State: state}); h.error != nil {
		return nil
	}
	if h.error = errors.Join(h.box.Mount(abi.MountContext{Locale: "en"}), h.box.Settled(h.ctx)); h.error != nil {
		return nil
	}
	return h.box
}

// Settle implements sandbox.Heir.
func (h *heir) Settle(move func()) {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.s.box = h.box
	move()
}

func measure(ctx context.Context, n int) (result, error) {
	r := result{n: n}
	sched, err := vitrine.NewScheduler(nil)
	if err != nil {
		return r, err
	}
	compiler, err := vitrine.NewCompiler(nil)
	if err != nil {
		return r, err
	}
	shared := &vitrine.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched, Compiler: compiler}
	now, err := load(ctx, 0, shared)
	if err != nil {
		return r, err
	}
	s := &service{}
	if s.box, err = now.New(nil); err != nil {
		return r, err
	}
	if err := s.box.Mount(abi.MountContext{Locale: "en"}); err != nil {
		return r, err
	}
	stop, done := make(chan struct{}), make(chan struct{})
	var last atomic.Uint64
	go func() {
		defer close(done)
		r.caller(ctx, s, stop, &last)
	}()
	began := time.Now()
	for i := 1; i <= n && err == nil; i++ {
		now, err = r.replace(ctx, s, now, i, shared)
		if i == max(1, n/10) {
			var known error
			r.rss[0], r.heap[0], known = memory()
			err = errors.Join(err, known)
		}
	}
	r.took = time.Since(began)
	close(stop)
	<-done
	var known error
	r.rss[1], r.heap[1], known = memory()
	r.last = last.Load()
	return r, errors.Join(err, known, s.box.Close(ctx), now.rt.Close(ctx))
}

// mostWaits is how many calls are remembered, the last ones: what is measured must not grow itself.
const mostWaits = 1 << 16

// caller calls without a pause.
func (r *result) caller(ctx context.Context, s *service, stop <-chan struct{}, last *atomic.Uint64) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		began := time.Now()
		got, err := s.call(ctx)
		if took := us(began); len(r.waits) < mostWaits {
			r.waits = append(r.waits, took)
		} else {
			r.waits[r.calls%mostWaits] = took
		}
		r.calls++
		if err != nil {
			r.failed++
			continue
		}
		last.Store(got)
	}
}

// replace puts version i in the place of the one that is there, and closes that.
func (r *result) replace(ctx context.Context, s *service, was *version, i int, shared *vitrine.Options) (*version, error) {
	began := time.Now()
	next, err := load(ctx, i, shared)
	if err != nil {
		return was, err
	}
	if err := next.Probe(ctx, nil, abi.MountContext{Locale: "en"}); err != nil {
		return was, err
	}
	r.ready = append(r.ready, us(began))
	began = time.Now()
	h := &heir{ctx: ctx, s: s, next: next}
	over, err := s.box.Handover(next.Plugin, h)
	if err != nil {
		return was, err
	}
	<-over
	r.over = append(r.over, us(began))
	if h.error != nil {
		return was, h.error
	}
	return next, was.rt.Close(ctx)
}

// memory is what the process holds, for the operating system and for Go, after a collection.
func memory() (rss float64, heap int, err error) {
	runtime.GC() // what finalizers free is gone after the second
	rss, _, err = bench.Resident()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return rss, int(m.HeapAlloc), err
}
