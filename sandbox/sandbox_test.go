package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

func TestShows(t *testing.T) {
	view := newStage()
	s := box(t, load(t, nil), view)
	must(t, s.Mount(abi.MountContext{Locale: "en"}))
	must(t, s.Event(command(doCount)))
	must(t, s.Event(command(doPaint)))
	must(t, s.Update([]byte{0xa0}))
	must(t, s.Event(func() ([]byte, bool) { return nil, false }))
	must(t, s.Event(command(doGarbage)))
	must(t, s.Event(command(doCount)))
	view.expect(t, "tree 0, done, tree 1, done, paint 1x1 01020304, done, tree 2, done, done, done, tree 3, done")
}

func TestEventsBeforeMountDoNothing(t *testing.T) {
	view := newStage()
	s := box(t, load(t, nil), view)
	must(t, s.Event(command(doCount)))
	must(t, s.Update([]byte{0xa0}))
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "done, done, tree 0, done")
}

func TestProps(t *testing.T) {
	props, err := cbor.Marshal(map[string]any{"name": "Ada"})
	must(t, err)
	p := load(t, nil)
	s, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapProps}, Props: props})
	must(t, err)
	defer s.Close(context.Background())
	if out, err := s.Call(context.Background(), "props", nil); err != nil || string(out) != string(props) {
		t.Errorf("props are %x, %v", out, err)
	}
	must(t, s.Update([]byte{0xa1, 0x61, 0x61, 0x01}))
	if out, _ := s.Call(context.Background(), "props", nil); fmt.Sprintf("%x", out) != "a1616101" {
		t.Errorf("after an update props are %x", out)
	}
	for _, bad := range [][]byte{{}, {0x80}, {0xa1}, {0xa0, 0xa0}, {0xbf, 0xff}} {
		if err := s.Update(bad); !errors.Is(err, sandbox.ErrProps) {
			t.Errorf("props %x: %v", bad, err)
		}
		if _, err := p.New(&sandbox.Options{Props: bad}); !errors.Is(err, sandbox.ErrProps) {
			t.Errorf("props %x of a new sandbox: %v", bad, err)
		}
	}
}

func TestCallNames(t *testing.T) {
	s := box(t, load(t, nil), nil)
	for _, fn := range []string{"vitrine_mount", "vitrine_", "vitrine_alloc", "_initialize", ""} {
		if _, err := s.Call(context.Background(), fn, nil); !errors.Is(err, sandbox.ErrName) {
			t.Errorf("%q: %v", fn, err)
		}
	}
	for _, fn := range []string{"nothing", "memory"} {
		if _, err := s.Call(context.Background(), fn, nil); !errors.Is(err, runtime.ErrNoFunction) {
			t.Errorf("%q: %v", fn, err)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		do   byte
		time time.Duration
		text string
		kind runtime.FaultKind
	}{
		"trap":     {doTrap, time.Minute, "The plugin crashed.", runtime.FaultTrap},
		"deadline": {doLoop, 2 * time.Second, "The plugin ran out of time (2s).", runtime.FaultDeadline},
		"exit":     {doExit, time.Minute, "The plugin crashed.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			view := newStage()
			s := box(t, load(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: c.time}, Logger: log.logger()}), view)
			must(t, s.Mount(abi.MountContext{}))
			must(t, s.Event(command(c.do)))
			must(t, s.Event(command(doCount)))
			view.expect(t, "tree 0, done, fault: "+c.text+", done, done")
			_, err := s.Call(context.Background(), "echo", nil)
			var fault *runtime.Fault
			if c.kind != "" && (!errors.As(err, &fault) || fault.Kind != c.kind) {
				t.Errorf("a dead plugin answers %v", err)
			}
			if err == nil {
				t.Error("a dead plugin answers")
			}
			if got := strings.Count(log.String(), "plugin failed"); got != 1 {
				t.Errorf("%d lines of log, want 1:\n%s", got, log.String())
			}
			must(t, s.Restart())
			must(t, s.Event(command(doCount)))
			view.expect(t, "tree 0, done, fault: "+c.text+", done, done, done, tree 0, done, tree 1, done")
		})
	}
}

func TestFailureIsNoFault(t *testing.T) {
	var log lines
	view := newStage()
	s := box(t, load(t, &sandbox.Policy{Logger: log.logger()}), view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doFail)))
	must(t, s.Event(command(doCount)))
	view.expect(t, "tree 0, done, done, tree 1, done")
	if !strings.Contains(log.String(), "plugin: no (") {
		t.Errorf("the log does not say what the plugin said:\n%s", log.String())
	}
}

func TestTurns(t *testing.T) {
	view := newStage()
	s := box(t, load(t, nil), view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doAgain)))
	view.expect(t, "tree 0, done, done, done") // mount, event, turn
	if got := number(t, s, "turns"); got != 1 {
		t.Errorf("%d turns, want 1", got)
	}
}

func TestEventsGoBeforeTurns(t *testing.T) {
	s := box(t, load(t, nil), newStage())
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doForever)))
	first := number(t, s, "turns")
	for range 100 { // each of them finds its way between the turns
		_, err := s.Call(context.Background(), "echo", nil)
		must(t, err)
	}
	waitFor(t, "turns go on", func() bool { return number(t, s, "turns") > first+2 })
}

func TestHiddenGetsNoTurns(t *testing.T) {
	s := box(t, load(t, nil), newStage())
	s.Visible(false)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doForever)))
	time.Sleep(20 * time.Millisecond)
	if got := number(t, s, "turns"); got != 0 {
		t.Errorf("%d turns while hidden, want none", got)
	}
	waitFor(t, "the goroutine ends", func() bool { return workers() == 0 })
	s.Visible(true)
	waitFor(t, "turns begin", func() bool { return number(t, s, "turns") > 0 })
	s.Visible(false)
	_ = number(t, s, "turns") // a turn that was under way is over
	before := number(t, s, "turns")
	time.Sleep(20 * time.Millisecond)
	if got := number(t, s, "turns"); got != before {
		t.Errorf("%d turns after it was hidden again, want %d", got, before)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// workers counts the goroutines that do a sandbox's work.
func workers() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:goruntime.Stack(buf, true)]), "sandbox.(*Sandbox).work(")
}

func TestNoGoroutineWhenIdle(t *testing.T) {
	view := newStage()
	s := box(t, load(t, nil), view)
	waitFor(t, "no goroutine before there is work, but those of tests before", func() bool { return workers() == 0 })
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "tree 0, done")
	waitFor(t, "the goroutine ends", func() bool { return workers() == 0 })
}

func TestQueueIsBounded(t *testing.T) {
	s := box(t, load(t, &sandbox.Policy{Queue: 4}), newStage())
	block := make(chan struct{})
	started := make(chan struct{})
	must(t, s.Event(func() ([]byte, bool) { close(started); <-block; return nil, false }))
	<-started
	for range 4 {
		must(t, s.Event(command(doCount)))
	}
	if err := s.Event(command(doCount)); !errors.Is(err, sandbox.ErrBusy) {
		t.Errorf("the fifth that waits: %v", err)
	}
	if _, err := s.Call(context.Background(), "echo", nil); !errors.Is(err, sandbox.ErrBusy) {
		t.Errorf("a call: %v", err)
	}
	close(block)
}

func TestCallThatIsCalledOff(t *testing.T) {
	p, sched := watched(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: time.Minute}}, nil)
	s := box(t, p, newStage())
	block := make(chan struct{})
	must(t, s.Event(func() ([]byte, bool) { <-block; return nil, false }))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Call(ctx, "spin", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call that waited: %v", err)
	}
	close(block)
	if out, err := s.Call(context.Background(), "echo", []byte("alive")); err != nil || string(out) != "alive" {
		t.Errorf("after one that waited: %q, %v", out, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	called := make(chan error, 1)
	go func() {
		_, err := s.Call(ctx, "spin", nil)
		called <- err
	}()
	computing(t, sched, 1)
	cancel()
	if err := <-called; !errors.Is(err, context.Canceled) {
		t.Errorf("a call that ran: %v", err)
	}
	if _, err := s.Call(context.Background(), "echo", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the sandbox of a call that was stopped answers %v", err)
	}
}

func TestClose(t *testing.T) {
	var log lines
	view := newStage()
	p := load(t, &sandbox.Policy{Logger: log.logger()})
	s, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI, abi.CapLog}, View: view})
	must(t, err)
	must(t, s.Mount(abi.MountContext{}))
	view.expect(t, "tree 0, done")
	must(t, s.Close(context.Background()))
	must(t, s.Close(context.Background()))
	if !strings.Contains(log.String(), "message=hi") {
		t.Error("the plugin was not told that it is no longer shown")
	}
	for name, err := range map[string]error{
		"event": s.Event(command(doCount)), "mount": s.Mount(abi.MountContext{}),
		"update": s.Update([]byte{0xa0}), "restart": s.Restart(),
	} {
		if !errors.Is(err, sandbox.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if _, err := s.Call(context.Background(), "echo", nil); !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("call after Close: %v", err)
	}
}

func TestCloseStopsWhatRuns(t *testing.T) {
	p, sched := watched(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: time.Minute}}, nil)
	s, err := p.New(nil)
	must(t, err)
	running := make(chan error, 2)
	go func() {
		_, err := s.Call(context.Background(), "spin", nil)
		running <- err
	}()
	computing(t, sched, 1)
	go func() {
		_, err := s.Call(context.Background(), "echo", nil)
		running <- err
	}()
	time.Sleep(10 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close with little time: %v", err)
	}
	for range 2 {
		if err := <-running; err == nil {
			t.Error("a call of a closed sandbox succeeded")
		}
	}
	must(t, s.Close(context.Background()))
}

func TestOutputGoesToTheLog(t *testing.T) {
	var log lines
	s := box(t, load(t, &sandbox.Policy{Logger: log.logger()}), newStage())
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doPrint)))
	if got := number(t, s, "code"); got != 0 {
		t.Errorf("fd_write answered %d", got)
	}
	if !strings.Contains(log.String(), "message=out fields.stream=stdout") {
		t.Errorf("the log has\n%s", log.String())
	}
}

// A language's runtime writes a trace before it gives up: one record, not eighty.
func TestLastWordsAreOneRecord(t *testing.T) {
	var log lines
	st := newStage()
	s := box(t, load(t, &sandbox.Policy{Logger: log.logger()}), st)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doPrintAndTrap)))
	if _, err := s.Call(context.Background(), "code", nil); err == nil {
		t.Fatal("a trap did not end the sandbox")
	}
	got := log.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, "sandbox: plugin failed") ||
		!strings.Contains(got, `last_words=out\nout\n`) || len(got) > 1000 {
		t.Errorf("the log has %d bytes:\n%s", len(got), got)
	}
}

func TestShowingIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		policy sandbox.Policy
		do     byte
	}{
		"bytes of a call": {sandbox.Policy{ShowBytes: 11}, doPaint},
		"bytes of a tree": {sandbox.Policy{Tree: &abi.TreeLimits{Bytes: 7}}, doDouble},
		"trees in a call": {sandbox.Policy{ShowBytes: 7}, doDouble},
	} {
		t.Run(name, func(t *testing.T) {
			s := box(t, load(t, &c.policy), newStage())
			must(t, s.Mount(abi.MountContext{}))
			must(t, s.Event(command(c.do)))
			if got := number(t, s, "code"); got != int32(abi.CodeLimit) {
				t.Errorf("answered %d, want %d", got, abi.CodeLimit)
			}
		})
	}
}

// More plugins loop than there are processors, and the garbage is collected: a neighbour's calls must
// get through all the same. Without preemption the first call would wait until a loop ends, and none does.
func TestNeighboursGetThrough(t *testing.T) {
	p, sched := watched(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: time.Minute}}, nil)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var loops sync.WaitGroup
	for range 2 * goruntime.GOMAXPROCS(0) {
		s := box(t, p, nil)
		loops.Go(func() {
			if _, err := s.Call(ctx, "spin", nil); !errors.Is(err, context.Canceled) {
				t.Errorf("a loop ended before it was called off: %v", err)
			}
		})
	}
	s := box(t, p, nil)
	var slowest time.Duration
	for range 20 {
		computing(t, sched, 2*goruntime.GOMAXPROCS(0)) // they are all at it
		began := time.Now()
		if out, err := s.Call(context.Background(), "echo", []byte{7}); err != nil || len(out) != 1 {
			t.Fatalf("echo: %v, %v", out, err)
		}
		slowest = max(slowest, time.Since(began))
		goruntime.GC()
	}
	t.Logf("slowest of 20 calls: %v", slowest)
	stop()
	loops.Wait()
}

// broken is a View whose host has a fault.
type broken struct{ *stage }

func (b broken) Tree(*abi.Tree) { panic("a bug of the host") }

func TestPanicOfAViewCostsOneSandbox(t *testing.T) {
	var log lines
	p := load(t, &sandbox.Policy{Logger: log.logger()})
	bad, good := newStage(), newStage()
	s := box(t, p, broken{bad})
	must(t, s.Mount(abi.MountContext{}))
	bad.expect(t, "fault: The plugin cannot be shown here.")
	if _, err := s.Call(context.Background(), "echo", nil); err == nil {
		t.Error("the sandbox goes on")
	}
	other := box(t, p, good)
	must(t, other.Mount(abi.MountContext{}))
	good.expect(t, "tree 0, done")
	if !strings.Contains(log.String(), `reason="a bug of the host"`) {
		t.Errorf("the log has\n%s", log.String())
	}
}

// Everything at once, for the race detector: nothing may hang, and Close must give all back.
func TestHammer(t *testing.T) {
	s := box(t, load(t, &sandbox.Policy{Limits: &runtime.Limits{WallTime: 50 * time.Millisecond}}), newStage())
	must(t, s.Mount(abi.MountContext{}))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				switch (i + n) % 8 {
				case 0:
					_ = s.Event(command(doCount))
				case 1:
					_, _ = s.Call(context.Background(), "echo", []byte{1})
				case 2:
					s.Visible(n%2 == 0)
				case 3:
					_ = s.Event(command(doTrap))
				case 4:
					_ = s.Restart()
				case 5:
					_ = s.Event(command(doForever))
				case 6:
					_ = s.Update([]byte{0xa0})
				case 7:
					_, _ = s.Denied(), s.Stats()
				}
			}
		})
	}
	wg.Wait()
}
