package sandbox_test

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/toiler/plugin.wat -o testdata/toiler/plugin.wasm

//go:embed testdata/toiler/plugin.wasm
var toilerWasm []byte

// slowStore answers when nobody waits any more.
type slowStore struct{ hostfuncs.MemoryStore }

func (*slowStore) Get(ctx context.Context, _, _ string) ([]byte, error) {
	<-ctx.Done()
	return []byte("kept"), nil
}

// toilers loads the plugin on a host where one guest computes at a time.
func toilers(t *testing.T, jobs int) *sandbox.Plugin {
	return toilersIn(t, jobs, nil, nil)
}

func toilersIn(t *testing.T, jobs int, pool *runtime.Pool, counters *sandbox.Counters) *sandbox.Plugin {
	t.Helper()
	sched, err := runtime.NewScheduler(&runtime.SchedulerOptions{Guests: 1, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close(context.Background()) })
	p, err := sandbox.Load(context.Background(), rt, fstest.MapFS{
		"vitrine.json": {Data: []byte(`{"apiVersion": "v1", "id": "toiler", "name": "Toiler", "version": "1.0.0",
			"runtime": {"wasm": "plugin.wasm"}, "capabilities": ["jobs", "kv"], "permissions": {"plain": ["jobs", "kv"]}}`)},
		"plugin.wasm": {Data: toilerWasm},
	}, &sandbox.Policy{Jobs: jobs, Counters: counters, Services: &hostfuncs.Services{KV: &slowStore{}}, Limits: &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 50}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// toiler is a sandbox of it.
type toiler struct {
	*sandbox.Sandbox
	t *testing.T
}

func newToiler(t *testing.T, p *sandbox.Plugin, principal string) *toiler {
	t.Helper()
	s, err := p.New(&sandbox.Options{Principal: principal, Grants: []abi.Capability{abi.CapJobs}, Permissions: p.Manifest().Permissions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return &toiler{s, t}
}

func word(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// call answers the number that a function does.
func (s *toiler) call(fn string, in []byte) uint32 {
	s.t.Helper()
	out, err := s.Call(context.Background(), fn, in)
	if err != nil || len(out) != 4 {
		s.t.Fatalf("%s: %x, %v", fn, out, err)
	}
	return binary.LittleEndian.Uint32(out)
}

func (s *toiler) start(fn string, n uint32) uint32 {
	s.t.Helper()
	in := cbor.AppendBytes(cbor.AppendText(cbor.AppendArray(nil, 2), fn), word(n))
	ticket := s.call("start", in)
	if int32(ticket) <= 0 {
		s.t.Fatalf("jobs.start(%s) = %d", fn, int32(ticket))
	}
	return ticket
}

// heard are the messages that came, as words.
func (s *toiler) heard() string {
	s.t.Helper()
	b, err := s.Call(context.Background(), "heard", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for len(b) > 0 {
		message, err := cbor.Unmarshal(b[1 : 1+b[0]])
		if err != nil {
			s.t.Fatal(err)
		}
		all, b = append(all, fmt.Sprint(message)), b[1+b[0]:]
	}
	return strings.Join(all, ", ")
}

// hears waits until a message like want has come.
func (s *toiler) hears(want string) string {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if heard := s.heard(); strings.Contains(heard, want) {
			return heard
		} else if time.Now().After(end) {
			s.t.Fatalf("heard was %s, not %s", heard, want)
		}
	}
}

func TestJobsTellProgressAndResult(t *testing.T) {
	s := newToiler(t, toilers(t, 1), "somebody")
	s.start("tell", 7)
	if heard := s.hears("answer"); !strings.HasPrefix(heard, "[progress 1 [") || !strings.HasSuffix(heard, "[50]], [answer 1 [7 0 0 0]]") {
		t.Errorf("heard was %s", heard)
	}
	s.start("trap", 0)
	s.hears("[error 2 ")
	s.start("nothing", 0)
	s.hears(fmt.Sprintf("[error 3 %d", abi.CodeNotFound))
}

// A right that is taken back is taken from the plugin's jobs as well, and from what they wait for.
func TestRevokingEndsWhatAJobWaitsFor(t *testing.T) {
	p := toilers(t, 1)
	s := newToiler(t, p, "somebody")
	s.start("keep", 0)
	s.hears("progress")
	time.Sleep(20 * time.Millisecond) // so that it waits; else it is refused at once, as it should be
	permissions := p.Manifest().Permissions
	jobs := slices.DeleteFunc(slices.Clone(permissions), func(p abi.Permission) bool { return p.Capability != abi.CapJobs })
	if err := s.SetRights(sandbox.Rights{Permissions: jobs}); err != nil {
		t.Fatal(err)
	}
	if heard := s.hears("answer"); !strings.HasSuffix(heard, "[answer 1 [255 255 255 255]]") { // abi.CodeDenied
		t.Errorf("heard was %s", heard)
	}
}

// A job has a place and its bytes in the pool, as a sandbox has, and gives them back; it is counted, and what ends it.
func TestJobsAreCounted(t *testing.T) {
	pool, err := runtime.NewPool(nil)
	if err != nil {
		t.Fatal(err)
	}
	counters := sandbox.NewCounters()
	s := newToiler(t, toilersIn(t, 1, pool, counters), "somebody")
	s.call("cancel", word(1)) // so that it has its own instance
	before := pool.Stats()
	first := s.start("forever", 0)
	s.hears("[progress 1 [49]]")
	if now := pool.Stats(); now.InUse != before.InUse+1 || now.Bytes <= before.Bytes {
		t.Errorf("with a job the pool has %+v, without %+v", now, before)
	}
	s.call("cancel", word(first))
	waitFor(t, "the pool has its place again", func() bool { return pool.Stats().InUse == before.InUse })
	s.start("trap", 0)
	s.hears("[error 2 ")
	var jobs []string
	for _, c := range counters.Calls() {
		if c.Of == "job" {
			jobs = append(jobs, fmt.Sprint(c))
		}
	}
	if got, want := fmt.Sprint(jobs, counters.Faults()), "[{toiler job 2}] [{toiler trap 1}]"; got != want {
		t.Errorf("counted were %s, want %s", got, want)
	}
}

func TestJobsAreCalledOff(t *testing.T) {
	s := newToiler(t, toilers(t, 1), "somebody")
	first := s.start("forever", 0)
	s.hears("[progress 1 [49]]")
	s.start("work", 1) // beside the one that may run
	s.hears(fmt.Sprintf("[error 2 %d", abi.CodeLimit))
	if code := abi.Code(int32(s.call("cancel", word(first)))); code != abi.CodeOK {
		t.Fatalf("core.cancel: %v", code)
	}
	for ticket := 3; ; ticket++ { // its place is free as soon as it has ended
		s.start("work", 9)
		if strings.Contains(s.hears(fmt.Sprintf(" %d ", ticket)), fmt.Sprintf("[answer %d [9 0 0 0]]", ticket)) {
			break
		}
	}
	if heard := s.heard(); strings.Contains(heard, "answer 1 ") || strings.Contains(heard, "error 1 ") {
		t.Errorf("of what was called off was heard: %s", heard)
	}
	if code := abi.Code(int32(s.call("cancel", word(first)))); code != abi.CodeNotFound {
		t.Errorf("core.cancel again: %v", code)
	}
}

// A principal's jobs are on its share: however many it has, somebody else's call gets half of the seat, and
// somebody else's job beside its calls does too. All are given the same amount of work, so that who has half
// is through when the others have done a quarter of theirs.
func TestJobsTakePartInTheFairShareOfTheirPrincipal(t *testing.T) {
	const work = 100_000_000
	t.Run("jobs beside a call", func(t *testing.T) {
		fairly(t, func() (wrong string) {
			p := toilers(t, 4)
			crowd, one := newToiler(t, p, "crowd"), newToiler(t, p, "one")
			for range 4 {
				crowd.start("work", work)
			}
			one.call("work", word(work))
			if heard := crowd.heard(); strings.Contains(heard, "answer") {
				wrong = "the crowd's jobs were not held back: " + heard
			}
			for i := range 4 {
				crowd.hears(fmt.Sprintf("[answer %d ", i+1))
			}
			return wrong
		})
	})
	t.Run("a job beside calls", func(t *testing.T) {
		fairly(t, func() (wrong string) {
			p := toilers(t, 4)
			one := newToiler(t, p, "one")
			ended := make(chan string, 5)
			for range 4 {
				s := newToiler(t, p, "crowd")
				go func() { _, err := s.Call(context.Background(), "work", word(work)); ended <- fmt.Sprint("call ", err) }()
			}
			one.start("work", work)
			go func() { one.hears("[answer 1 "); ended <- "job" }()
			if first := <-ended; first != "job" {
				wrong = "the first to be through was a " + first
			}
			for range 4 {
				<-ended
			}
			return wrong
		})
	})
}

// fairly tries what depends on how long each has the seat. While a machine stands still somebody has it, who then waits for as long:
// what goes wrong with a stop in it says nothing, and is tried again.
func fairly(t *testing.T, try func() (wrong string)) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		over, stood := make(chan struct{}), make(chan time.Duration)
		go func() { stood <- stops(over) }()
		wrong := try()
		close(over)
		stop := <-stood
		if wrong == "" {
			return
		}
		if stop < 20*time.Millisecond || time.Now().After(end) {
			t.Errorf("%s; the machine stood still for %v", wrong, stop)
			return
		}
		t.Logf("again, for the machine stood still for %v: %s", stop, wrong)
	}
}

// stops is for how long, together, the machine stood still until over was closed.
func stops(over <-chan struct{}) (sum time.Duration) {
	for {
		last := time.Now()
		select {
		case <-over:
			return sum
		case <-time.After(time.Millisecond):
			if late := time.Since(last); late > 10*time.Millisecond {
				sum += late
			}
		}
	}
}
