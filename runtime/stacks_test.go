package runtime_test

import (
	"context"
	goruntime "runtime"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
)

// heap is how many bytes of Go's heap are in use.
func heap() int64 {
	goruntime.GC()
	goruntime.GC() // what a finalizer frees
	var s goruntime.MemStats
	goruntime.ReadMemStats(&s)
	return int64(s.HeapInuse)
}

// A stack that grew is memory of the host's which no limit counts: an instance keeps one of them at most, and
// one that waits in the pool none.
func TestDeepStacksAreNotKept(t *testing.T) {
	const depth, instances = 4500, 8 // of two frames each, as its many values count
	pool := newPool(t, nil)
	m := compile(t, newRuntime(t, &runtime.Options{Pool: pool}), "deep", nil)
	get(t, m, nil).Close(context.Background())
	before := heap()
	one := get(t, m, nil)
	ask(t, one, "a", depth)
	stack := heap() - before
	if stack < 1<<20 {
		t.Fatalf("a stack of %d calls takes %d bytes: this tests nothing", depth, stack)
	}
	all := []*runtime.Instance{one}
	for range instances - 1 {
		all = append(all, get(t, m, nil))
	}
	for _, in := range all {
		for _, fn := range []string{"a", "b", "c", "d"} {
			for range 2 {
				if got := ask(t, in, fn, depth); got != 8*depth {
					t.Fatalf("%s(%d) = %d", fn, depth, got)
				}
			}
		}
	}
	if now := heap() - before; now > 2*instances*stack {
		t.Errorf("%d instances hold %d bytes, one stack is %d", instances, now, stack)
	}
	for _, in := range all {
		in.Close(context.Background())
	}
	if s := pool.Stats(); s.Idle != instances {
		t.Errorf("%+v", s)
	}
	if now := heap() - before; now > stack {
		t.Errorf("%d instances in the pool hold %d bytes, one stack is %d", instances, now, stack)
	}
}

// What ends an instance's stack at its limit is the same as before: the slices are no limit.
func TestStackLimitIsExact(t *testing.T) {
	for _, limit := range []uint32{50, 250, 251, 600, 5000} {
		m := compile(t, newRuntime(t, nil), "deep", &runtime.Limits{StackDepth: limit})
		deepest := func() (n uint64) {
			for bit := uint64(1 << 13); bit > 0; bit >>= 1 {
				in := get(t, m, nil)
				if _, err := in.Invoke(context.Background(), "a", n|bit); err == nil {
					n |= bit
				} else {
					wantFault(t, err, runtime.FaultStack, runtime.LimitStack)
				}
				in.Close(context.Background())
			}
			return n
		}
		if n := deepest(); n != uint64(limit)/2-1 { // each call counts as two, and so does the first
			t.Errorf("limit %d: %d calls", limit, n)
		}
	}
}
