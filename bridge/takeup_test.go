package bridge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// dial opens a socket of Ann's.
func dial(t *testing.T, url string) *bridgetest.Client {
	t.Helper()
	c, err := bridgetest.Dial(url, origin, who("ann"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Cut)
	return c
}

// takes has a socket take up the page of another.
func takes(c, from *bridgetest.Client) {
	r := abi.Resume{Session: from.Hello.Session, Mounts: []abi.ResumePoint{{Mount: 1}}}
	_ = c.Send(r.Append(nil)) // it may have been cut
}

// drains fails if a handler does not end in order.
func drains(t *testing.T, h *bridge.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.Drain(ctx); err != nil {
		t.Error(err)
	}
}

// TestTakeEachOtherUp: sockets of one person that take up each other's pages, in a ring, do not wait for each other for ever.
func TestTakeEachOtherUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		round int
	}{{"two", 2}, {"three", 3}} {
		t.Run(c.name, func(t *testing.T) {
			url, _, h := serve(t, &bridge.HandlerOptions{SocketsPerPrincipal: 1000})
			answered := make(chan struct{}, 60)
			for range 60 / c.round {
				ring := make([]*bridgetest.Client, c.round)
				for i := range ring {
					ring[i] = dial(t, url)
				}
				for i, socket := range ring {
					go func() {
						takes(socket, ring[(i+1)%len(ring)])
						_, err := socket.Next(time.Minute)
						answered <- struct{}{} // its page is gone, or it was cut itself
						for err == nil {
							_, err = socket.Next(time.Minute)
						}
					}()
				}
			}
			for range 60 {
				<-answered
			}
			drains(t, h)
		})
	}
}

// slow is a mount that lets go of its socket when the test says so.
type slow struct {
	*bridge.Mount
	letting chan struct{} // gets one when it is asked to
	release chan struct{} // closed by the test
}

func (s *slow) Attach(wake func()) {
	if wake == nil {
		s.letting <- struct{}{}
		<-s.release
	}
	s.Mount.Attach(wake)
}

// TestTakeUpIsCut: a socket that waits for another one to end hears that it is itself cut.
func TestTakeUpIsCut(t *testing.T) {
	url, op, h := serve(t, nil)
	m := &slow{Mount: bridge.NewMount(still{}, nil), letting: make(chan struct{}, 4), release: make(chan struct{})}
	m.Tree(counted(0))
	op.others["slow"] = func() (bridge.Session, error) { return m, nil }
	b := newBrowser(t, url)
	b.mount(1, "slow")
	b.until("the snapshot", says("clicked 0"))

	waits, next := dial(t, url), dial(t, url)
	takes(waits, b.client)
	<-m.letting
	takes(next, waits)
	var f abi.Fault
	frame, err := next.Next(time.Minute)
	if err != nil || f.Parse(frame) != nil || f.Code != abi.FaultGone {
		t.Errorf("%x, %v: the page was empty, and it is gone with its socket", frame, err)
	}
	close(m.release)
	last := dial(t, url) // what the first had is there still
	takes(last, b.client)
	if frame, err := last.Next(time.Minute); err != nil || abi.TypeOf(frame) != abi.FrameResumed {
		t.Errorf("%x, %v", frame, err)
	}
	next.Cut()
	last.Cut()
	drains(t, h)
}

// TestDrainIsBounded: an opener that does not heed its context keeps nobody from ending who gave Drain one.
func TestDrainIsBounded(t *testing.T) {
	url, op, h := serve(t, nil)
	opening, open := make(chan struct{}), make(chan struct{})
	op.others["stuck"] = func() (bridge.Session, error) {
		close(opening)
		<-open
		return nil, bridge.ErrUnavailable
	}
	b := newBrowser(t, url)
	b.mount(1, "stuck")
	<-opening
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, though a session is still being opened", err)
	}
	b.ended()
	close(open)
	drains(t, h)
}
