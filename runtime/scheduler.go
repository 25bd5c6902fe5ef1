package runtime

import (
	"errors"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// SchedulerOptions say how guests share the processor; nil, and every zero field, is the
// default.
type SchedulerOptions struct {
	Guests  int           // that compute at once; default GOMAXPROCS
	Wait    time.Duration // for a turn, at most, each time; default 10 s
	Quantum time.Duration // that a guest computes while others wait; default 1 ms
}

// A Scheduler decides which guests compute when more want to than may. Share one among
// all Runtimes of a process: a plugin has a Runtime of its own, but the processor is one.
// It is safe for concurrent use, has no goroutine, and need not be closed.
//
// A call takes one of the seats, and gives it back when it is over. While others wait,
// a guest that has had its quantum gives its seat up at its next refuel point, a fraction
// of a millisecond away, and waits in its turn. The next one is of the principal that has
// computed least since guests began to wait; those of one principal take turns among
// themselves. So a principal gets its share whatever number of guests the others run.
//
// While a guest waits its wall time stands still: no guest is ended because the host is
// busy. Waiting ends when the caller's context does, when the instance is closed, and
// after SchedulerOptions.Wait with a *BusyError.
type Scheduler struct {
	limit         int64
	wait, quantum time.Duration

	// state is how many guests have a seat, and the bit waiting if some want one. While
	// the bit is not set it is changed by compare-and-swap alone, so that a call of a
	// host that is not busy costs two of those; while it is, all seats are taken and it
	// changes under mu.
	state atomic.Int64

	mu       sync.Mutex
	accounts map[string]*account
	queue    fairQueue[*account, *seat]
	period   uint64    // counts the times that guests began to wait
	emptied  time.Time // when the last one that waited had not to any more
	virtual  int64     // what the last one that was called up had had, in ns
}

const waiting = 1 << 32

// NewScheduler returns a Scheduler. It fails if an option is negative.
func NewScheduler(opts *SchedulerOptions) (*Scheduler, error) {
	o := SchedulerOptions{Guests: goruntime.GOMAXPROCS(0), Wait: 10 * time.Second, Quantum: time.Millisecond}
	if opts != nil {
		if opts.Guests < 0 || opts.Wait < 0 || opts.Quantum < 0 {
			return nil, errors.New("runtime: scheduler: an option is negative")
		}
		if opts.Guests > 0 {
			o.Guests = min(opts.Guests, waiting-1)
		}
		if opts.Wait > 0 {
			o.Wait = opts.Wait
		}
		if opts.Quantum > 0 {
			o.Quantum = opts.Quantum
		}
	}
	return &Scheduler{limit: int64(o.Guests), wait: o.Wait, quantum: o.Quantum, accounts: map[string]*account{}}, nil
}

// Load is how many guests compute now, and how many wait for a turn.
func (s *Scheduler) Load() (computing, queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.queue {
		queued += len(a.waiting)
	}
	return int(s.state.Load() &^ waiting), queued
}

// An account is what is known of a principal while it has instances.
type account struct {
	name  string
	users int          // instances
	fresh atomic.Int64 // ns computed that are not in service yet
	all   int64        // ns computed ever, but for fresh
	// Of one period: before it nobody waited, and nobody was kept from anything.
	period      uint64
	line[*seat] // service is ns computed
}

// join finds the account of a principal for an instance.
func (s *Scheduler) join(principal string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[principal]
	if a == nil {
		a = &account{name: principal}
		s.accounts[principal] = a
	}
	a.users++
	return a
}

func (s *Scheduler) part(a *account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.users--; a.users == 0 {
		delete(s.accounts, a.name)
	}
}

const (
	// credit is how many quanta a principal that did not want its share may catch up on:
	// its next short call is called up at the next refuel point.
	credit = 2
	// memories is how many quanta nobody must have waited for a new period to begin.
	memories = 16
)

// settle brings an account's service up to date. mu is held.
func (s *Scheduler) settle(a *account) {
	n := a.fresh.Swap(0)
	a.all += n
	if a.period != s.period {
		a.period, a.service = s.period, s.virtual
		n = 0
	}
	s.queue.serve(a, a.service+n)
}

// least is the account that is to be called up next. mu is held, somebody waits.
func (s *Scheduler) least() *account {
	for {
		a := s.queue[0]
		s.settle(a)
		if s.queue[0] == a {
			return a
		}
	}
}

// push puts a seat into the queue. mu is held.
func (s *Scheduler) push(t *seat) {
	a := t.account
	t.queued = true
	if !a.line.queued() {
		least := s.virtual - credit*int64(s.quantum)
		if a.period != s.period {
			s.settle(a)
			a.service = least
		}
		s.settle(a)
		a.service = max(a.service, least)
	}
	s.queue.push(a, t)
}

// remove takes a seat out of the queue. mu is held.
func (s *Scheduler) remove(t *seat) {
	t.queued = false
	s.queue.remove(t.account, t)
}

// callUp gives a seat that has become free to whoever is next. mu is held, somebody waits.
func (s *Scheduler) callUp() {
	a := s.least()
	s.virtual = max(s.virtual, a.service)
	t := a.waiting[0]
	s.remove(t)
	t.ready <- true
}
