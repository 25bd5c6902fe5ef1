// Command reload measures how a plugin is replaced again and again while it is called: each version is
// compiled in a runtime of its own, probed, takes over the state of the one before, and that one is closed.
//
//	go run ./bench/reload -n 10000
//	go run ./bench/reload -json
//
// Calls that fail are counted, and the number that the plugin counts must be that of the calls: none is lost
// and none happens twice. "ready" is how long a version takes until it is compiled and probed, while the one before
// is called; "handover" from then on until it has its place and state. Memory is what the operating system says,
// after the first tenth and at the end.
package main

import (
	"context"
	_ "embed" // the plugin
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
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

func main() {
	n := flag.Int("n", 1000, "replacements")
	asJSON := flag.Bool("json", false, "one object a line")
	flat := flag.Int("flat", 0, "fail if memory grows by more than so many MiB after the first tenth")
	flag.Parse()
	r, err := measure(context.Background(), *n)
	if err == nil && *flat > 0 && r.grown() > *flat<<20 {
		err = fmt.Errorf("memory grew by %d MiB", r.grown()>>20)
	}
	print, done := bench.Printer(os.Stdout, *asJSON)
	for _, f := range r.rows() {
		print(f)
	}
	done()
	if err != nil {
		fmt.Fprintln(os.Stderr, "reload:", err)
		os.Exit(1)
	}
}

// result is what was found.
type result struct {
	n             int
	took          time.Duration
	calls, failed int
	waits         []float64 // of calls, in us
	ready, over   []float64 // for each version: until it was compiled and probed, and to take over; in us
	rss, heap     [2]int    // after the first tenth, and at the end
}

func (r *result) grown() int { return r.rss[1] - r.rss[0] }

func (r *result) rows() []bench.Row {
	out := []bench.Row{}
	add := func(metric string, value float64, unit string, n int) {
		out = append(out, bench.Row{Case: "reload", System: bench.Ours, Variant: "c", Metric: metric, Value: value, Unit: unit, N: n})
	}
	for _, d := range []struct {
		name string
		of   []float64
	}{{"ready", r.ready}, {"handover", r.over}, {"call", r.waits}} {
		for _, q := range []struct {
			name string
			at   float64
		}{{"p50", 0.5}, {"p99", 0.99}, {"max", 1}} {
			add(d.name+"_"+q.name, bench.Quantile(d.of, q.at), "us", len(d.of))
		}
	}
	add("replacements", float64(r.n)/r.took.Seconds(), "1/s", r.n)
	add("calls_failed", float64(r.failed), "", r.calls)
	add("rss_grown", float64(r.grown())/(1<<20), "MiB", r.n)
	add("heap_grown", float64(r.heap[1]-r.heap[0])/(1<<20), "MiB", r.n)
	add("rss", float64(r.rss[1])/(1<<20), "MiB", r.n)
	return out
}

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
		&sandbox.Policy{Logger: slog.New(slog.DiscardHandler)})
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
			r.rss[0], r.heap[0] = memory()
		}
	}
	r.took = time.Since(began)
	close(stop)
	<-done
	r.rss[1], r.heap[1] = memory()
	err = errors.Join(err, s.box.Close(ctx), now.rt.Close(ctx))
	switch got := last.Load(); {
	case err != nil:
	case r.failed > 0:
		err = fmt.Errorf("%d calls of %d failed", r.failed, r.calls)
	case got != uint64(r.calls):
		err = fmt.Errorf("%d calls counted to %d", r.calls, got)
	}
	return r, err
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
		if r.calls++; len(r.waits) < mostWaits {
			r.waits = append(r.waits, 0)
		}
		r.waits[r.calls%len(r.waits)] = us(began)
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
func memory() (rss, heap int) {
	for range 2 { // what finalizers free is gone after the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b, err := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(b)); err == nil && len(fields) > 1 {
		var pages int
		fmt.Sscan(fields[1], &pages)
		rss = pages * os.Getpagesize()
	}
	return rss, int(m.HeapAlloc)
}
