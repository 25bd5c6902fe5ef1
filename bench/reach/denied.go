package reach

import (
	"context"
	"fmt"
	goruntime "runtime"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
)

// denied asks for what is denied ten million times, and looks at what that leaves in the host and at how late a
// timer of the host's is meanwhile: a plugin that calls the same function, and who asks for something else each time.
func denied(_ context.Context, r *bench.Run) error {
	box, err := newBox(nil, "api.example.com")
	if err != nil {
		return err
	}
	defer box.close()
	calls := 10 * callsOf(r)
	if _, err := box.run("denied", 1000, nil); err != nil {
		return err
	}
	err = deny(r, box, "the same", calls, func() (time.Duration, error) { return box.run("denied", calls, nil) })
	if err != nil {
		return err
	}
	paths := make([]string, 1<<16)
	for i := range paths {
		paths[i] = fmt.Sprintf("/invoices/%x", i)
	}
	return deny(r, box, "different", calls, func() (time.Duration, error) {
		began := time.Now()
		for i := range calls {
			need := abi.Need{Capability: abi.CapAPI, Method: "GET", Path: paths[i%len(paths)]}
			if code := box.Permit(&need); code != abi.CodeDenied {
				return 0, fmt.Errorf("%s is not denied but %v", need.String(), code)
			}
		}
		return time.Since(began), nil
	})
}

// deny reports what so many denials take and leave.
func deny(r *bench.Run, box *box, variant string, calls int, run func() (time.Duration, error)) error {
	audit := box.plugin.Audit()
	counted := func() (n uint64) {
		for _, times := range audit.Counts() {
			n += times
		}
		return n
	}
	records, times := len(audit.Denials(nil)), counted()
	goruntime.GC()
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	late, stop := ticks()
	took, err := run()
	lateness := <-late(stop)
	if err != nil {
		return err
	}
	goruntime.GC()
	goruntime.ReadMemStats(&after)
	if n := counted() - times; n != uint64(calls) {
		return fmt.Errorf("%d denials were counted of %d", n, calls)
	}
	if err := r.Verify(bench.Ours, variant, done, done); err != nil { // each was counted
		return err
	}
	for _, f := range []struct {
		metric, unit string
		value        float64
	}{
		{"call", "ns", float64(took) / float64(calls)},
		{"records", "", float64(len(audit.Denials(nil)) - records)},
		{"kept", "B", float64(max(after.HeapAlloc, before.HeapAlloc+1) - before.HeapAlloc)},
		{"allocated", "B/call", float64(after.TotalAlloc-before.TotalAlloc) / float64(calls)},
		{"late_p99", "us", lateness},
	} {
		r.Print(bench.Row{System: bench.Ours, Variant: variant, Metric: f.metric, Value: f.value, Unit: f.unit, N: calls})
	}
	return nil
}

// ticks measures how late a timer of a millisecond comes until it is stopped: p99 in microseconds.
func ticks() (result func(stop chan struct{}) chan float64, stop chan struct{}) {
	stop = make(chan struct{})
	out := make(chan float64, 1)
	go func() {
		var late []float64
		for {
			began := time.Now()
			time.Sleep(time.Millisecond)
			late = append(late, float64(time.Since(began)-time.Millisecond)/1e3)
			select {
			case <-stop:
				out <- bench.Quantile(late, 0.99)
				return
			default:
			}
		}
	}()
	return func(stop chan struct{}) chan float64 { close(stop); return out }, stop
}
