package runtime

import (
	"math"
	"testing"
	"time"
)

// newBucket returns a Ration of so much a second that is full, and the time when it was made.
func newBucket(perSecond, burst uint64) (*Ration, time.Duration) {
	r := NewRation(&RationOptions{PerSecond: perSecond, Burst: burst})
	return r, time.Duration(r.filled.Load())
}

func TestRationIsABucket(t *testing.T) {
	r, now := newBucket(1000, 5000)
	if !r.use(5000) || r.wants(now) || r.use(1) || !r.wants(now) {
		t.Fatalf("%d are left of what was full", r.left.Load())
	}
	if d := r.fill(now); d < 10*time.Millisecond || d > 12*time.Millisecond {
		t.Errorf("waits %v for a unit that is owed, and a hundredth of a second's worth", d)
	}
	if d := r.fill(now + 11*time.Millisecond); d != 0 || r.left.Load() != 10 {
		t.Errorf("11 ms later it waits %v, and has %d", d, r.left.Load())
	}
	// Who looks often loses nothing: what is not a whole unit yet comes later.
	r.use(10)
	for at := time.Duration(0); at < time.Second; at += 70 * time.Microsecond {
		r.fill(now + 11*time.Millisecond + at)
	}
	if got := r.left.Load(); got < 980 || got > 1000 {
		t.Errorf("looked at all the time, %d came in within a second", got)
	}
	// It never has more than the burst, however long nobody uses it.
	r.fill(now + time.Hour)
	if got := r.left.Load(); got != 5000 {
		t.Errorf("%d after an hour", got)
	}
	if r.wants(now+time.Hour+time.Second/2) || !r.wants(now+time.Hour+2*time.Second) {
		t.Error("what is in it is looked at too often, or too seldom")
	}
	r.use(20_000)
	if d := r.fill(now + time.Hour); d < 15*time.Second || d > 16*time.Second {
		t.Errorf("who owes 15,000 waits %v", d)
	}
}

func TestRationIsSet(t *testing.T) {
	r, now := newBucket(100, 0)
	if got := r.left.Load(); got != 1000 {
		t.Errorf("the burst of 100 a second is %d", got)
	}
	r.Set(10, 0)
	if got := r.left.Load(); got != 100 {
		t.Errorf("%d are left after it was made less", got)
	}
	r.Set(1000, 0)
	if got := r.left.Load(); got != 100 {
		t.Errorf("%d are left after it was made more: to change it is no way to fill it", got)
	}
	for _, many := range []uint64{0, math.MaxInt64, math.MaxUint64} {
		r, now = newBucket(many, many)
		for range 1000 {
			r.use(1 << 40)
		}
		if d := r.fill(now + time.Second); d != 0 || r.left.Load() <= 0 {
			t.Errorf("%d a second: waits %v, %d left", many, d, r.left.Load())
		}
	}
}
