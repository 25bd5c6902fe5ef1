package runtime

import (
	"fmt"
	goruntime "runtime"
	"testing"
	"time"
)

// tick is how long a slice takes in these tests.
const tick = 250 * time.Microsecond

// A ring plays guests that always want to compute, without any clock: a tick is a slice.
type ring struct {
	t     *testing.T
	s     *Scheduler
	seats []*seat
	ran   map[string]int // slices of each principal
}

func newRing(t *testing.T, limit int, guests map[string]int) *ring {
	t.Helper()
	s, err := NewScheduler(&SchedulerOptions{Guests: limit})
	if err != nil {
		t.Fatal(err)
	}
	r := &ring{t: t, s: s, ran: map[string]int{}}
	for name, n := range guests {
		for range n {
			r.join(name)
		}
	}
	return r
}

func (r *ring) join(principal string) *seat {
	st := r.s.newSeat(principal)
	r.seats = append(r.seats, &st)
	if !st.take() {
		st.enqueue()
	}
	return &st
}

// tick lets all that have a seat compute for a slice, and come to their refuel point.
func (r *ring) tick() {
	r.t.Helper()
	computing := 0
	for _, st := range r.seats {
		select {
		case st.held = <-st.ready:
		default:
		}
		if st.held {
			computing++
		}
	}
	if computing > int(r.s.limit) || computing < min(len(r.seats), int(r.s.limit)) {
		r.t.Fatalf("%d guests compute, %d may", computing, r.s.limit)
	}
	for _, st := range r.seats {
		if st.held {
			r.ran[st.account.name]++
			st.pass(tick)
		}
	}
}

func TestSharesAreFair(t *testing.T) {
	const ticks = 20_000
	for _, c := range []struct {
		limit  int
		guests map[string]int
		share  map[string]float64 // of all seats
	}{
		{2, map[string]int{"crowd": 20, "one": 1}, map[string]float64{"crowd": 0.5, "one": 0.5}},
		{1, map[string]int{"crowd": 20, "one": 1}, map[string]float64{"crowd": 0.5, "one": 0.5}},
		{2, map[string]int{"a": 10, "b": 10, "c": 10, "d": 1}, map[string]float64{"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}},
		{4, map[string]int{"crowd": 100, "one": 1}, map[string]float64{"crowd": 0.75, "one": 0.25}}, // it cannot use more
		{8, map[string]int{"a": 2, "b": 1}, map[string]float64{"a": 0.25, "b": 0.125}},
	} {
		t.Run(fmt.Sprint(c.limit, c.guests), func(t *testing.T) {
			r := newRing(t, c.limit, c.guests)
			for range ticks {
				r.tick()
			}
			for name, want := range c.share {
				got := float64(r.ran[name]) / float64(ticks*c.limit)
				if got < want*0.98 || got > want*1.02 {
					t.Errorf("%s got %.3f of the seats, its share is %.3f", name, got, want)
				}
			}
		})
	}
}

// What was computed while nobody waited is not held against anybody, and who did not
// want to compute has not saved up for it.
func TestSharesForgetThePast(t *testing.T) {
	r := newRing(t, 1, map[string]int{"early": 1})
	for range 10_000 {
		r.tick()
	}
	r.join("late")
	r.ran = map[string]int{}
	for range 1000 {
		r.tick()
	}
	if early := r.ran["early"]; early < 480 || early > 520 {
		t.Errorf("who came early got %d of 1000", early)
	}
	r.join("last")
	r.ran = map[string]int{}
	for range 900 {
		r.tick()
	}
	if last := r.ran["last"]; last < 280 || last > 340 {
		t.Errorf("who came last got %d of 900", last)
	}
}

// A short call of somebody who has not had his share does not wait for a quantum.
func TestShortCallsComeSoon(t *testing.T) {
	r := newRing(t, 1, map[string]int{"a": 3, "b": 3})
	for range 1000 {
		r.tick()
	}
	st := r.join("visitor")
	for n := 0; r.ran["visitor"] == 0; n++ {
		if r.tick(); n > 1 {
			t.Fatal("did not compute within two slices")
		}
	}
	if st.held {
		st.leave(0)
	}
	r.seats = r.seats[:len(r.seats)-1]
	r.tick()
}

func TestAccountsAreGivenUp(t *testing.T) {
	r := newRing(t, 1, map[string]int{"a": 2})
	if len(r.s.accounts) != 1 {
		t.Errorf("%d accounts", len(r.s.accounts))
	}
	for _, st := range r.seats {
		r.s.part(st.account)
	}
	if len(r.s.accounts) != 0 {
		t.Errorf("%d accounts are left", len(r.s.accounts))
	}
}

// Without anybody waiting, a seat costs a few atomic operations.
func BenchmarkSeat(b *testing.B) {
	s, err := NewScheduler(nil)
	if err != nil {
		b.Fatal(err)
	}
	st := s.newSeat("a")
	b.ReportAllocs()
	for b.Loop() {
		if !st.take() {
			b.Fatal("no seat")
		}
		st.leave(time.Microsecond)
	}
}

// What a guest is away for when it gives way is not what it computes. If it came back late twice while the
// host's threads did not compute, it does not give way for a while.
func TestGiveWay(t *testing.T) {
	began := monotonic() - time.Hour // before the process started
	s := &seat{s: &Scheduler{}, began: began, hogged: began}
	s.s.state.Store(1)
	s.giveWay()
	if now := monotonic(); now-s.began > time.Minute || s.hogged > now {
		t.Errorf("late once: began at %v, gives way again at %v", s.began, s.hogged)
	}
	s.began = began
	s.giveWay()
	if now := monotonic(); now-s.began > time.Minute || s.hogged <= now {
		t.Errorf("late twice: began at %v, gives way again at %v", s.began, s.hogged)
	}
	s.began = began
	if s.giveWay(); s.began != began {
		t.Error("gave way while the processor was taken for long")
	}
}

// Somebody else has the processor that a guest gave away if the host's threads computed half a processor less than they could.
func TestDue(t *testing.T) {
	procs := int64(goruntime.GOMAXPROCS(0))
	for _, c := range []struct {
		computing int64
		gone, due time.Duration
	}{
		{1, 4 * time.Millisecond, 2 * time.Millisecond},
		{procs, 4 * time.Millisecond, time.Duration(procs)*4*time.Millisecond - 2*time.Millisecond},
		{procs + 3, 4 * time.Millisecond, time.Duration(procs)*4*time.Millisecond - 2*time.Millisecond},
		{waiting + 1, 4 * time.Millisecond, 2 * time.Millisecond},
	} {
		s := &Scheduler{}
		s.state.Store(c.computing)
		if got := s.due(c.gone); got != c.due {
			t.Errorf("%d computing: %v, want %v", c.computing, got, c.due)
		}
	}
}

func TestComputed(t *testing.T) {
	before := computed()
	for end := time.Now().Add(time.Minute); computed()-before < 5*time.Millisecond; {
		if goruntime.GOOS != "linux" {
			t.Skip("nobody asks")
		}
		if time.Now().After(end) {
			t.Fatal("this process computes and its clock stands still")
		}
	}
}
