package hostfuncs_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// A right that is taken back ends the request that a plugin waits for, and not one that it still has.
func TestRevokingEndsWhatAPluginWaitsFor(t *testing.T) {
	began := make(chan struct{}, 1)
	release := make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, hostfuncs.HTTPLimits{})
	var revoked atomic.Bool
	g := &gate{permit: func(n *abi.Need) abi.Code {
		if revoked.Load() {
			return abi.CodeDenied
		}
		return abi.CodeOK
	}}
	p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{HTTP: w.client}})
	request, err := cbor.Marshal(map[string]any{"url": w.url("api.example.com", "/slow")})
	if err != nil {
		t.Fatal(err)
	}
	at, n := p.put(16, request)
	go func() {
		<-began
		p.env.Recheck() // it still has the right: nothing happens
		time.Sleep(20 * time.Millisecond)
		revoked.Store(true)
		p.env.Recheck()
	}()
	start := time.Now()
	p.expect(int64(abi.CodeDenied), "http.request", at, n)
	if took := time.Since(start); took < 20*time.Millisecond || took > 30*time.Second {
		t.Errorf("it ended after %v", took)
	}
	revoked.Store(false)
	close(release)
	if got := p.call("http.request", at, n); got <= 0 {
		t.Errorf("with the right again: %d", got)
	}
}

// What holds is the right to the server that answers, not to the one that has redirected there.
func TestRevokingEndsWhatARedirectHasLedTo(t *testing.T) {
	began := make(chan struct{}, 1)
	var w *world
	w = newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "api.") {
			http.Redirect(rw, r, w.url("other.example.com", "/"), http.StatusFound)
			return
		}
		_ = http.NewResponseController(rw).Flush()
		began <- struct{}{}
		<-r.Context().Done()
	}, hostfuncs.HTTPLimits{})
	var revoked atomic.Bool
	g := &gate{permit: func(n *abi.Need) abi.Code {
		if revoked.Load() && n.Host == "other.example.com" {
			return abi.CodeDenied
		}
		return abi.CodeOK
	}}
	box := newLetterbox(t)
	p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{HTTP: w.client}, Post: box.post})
	take := func() {
		<-began
		revoked.Store(true)
		p.env.Recheck()
	}
	args := p.args(map[string]any{"url": w.url("api.example.com", "/")})
	go take()
	p.expect(int64(abi.CodeDenied), "http.request", args...)
	revoked.Store(false)
	p.expect(1, "http.start", p.args(map[string]any{"url": w.url("api.example.com", "/"), "stream": true})...)
	if msg := box.next(); !strings.HasPrefix(msg, "head 1") {
		t.Fatal(msg)
	}
	take()
	if msg := box.next(); msg != "error 1 -1" {
		t.Errorf("message %s", msg)
	}
}

// A budget that is used up is no right that has ended: rules that are read again end nothing for it.
func TestABudgetThatIsUsedUpRevokesNothing(t *testing.T) {
	var spent atomic.Bool
	g := &gate{permit: func(*abi.Need) abi.Code {
		if spent.Load() {
			return abi.CodeLimit
		}
		return abi.CodeOK
	}}
	box := newLetterbox(t)
	p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{Events: &silence{}}, Post: box.post})
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "news"})...)
	spent.Store(true)
	p.env.Recheck()
	box.nothing()
	if p.env.Waiting() != 1 {
		t.Error("the subscription has ended")
	}
	p.expect(0, "core.cancel", 1)
	p.waitsForNothing()
}

func (p *probe) waitsForNothing() {
	for p.env.Waiting() > 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

// silence is Events of which none comes.
type silence struct{ asked atomic.Int64 }

func (s *silence) Subscribe(ctx context.Context, _ *hostfuncs.Subject, _ *hostfuncs.Topic, _ func(*hostfuncs.HostEvent) error) error {
	s.asked.Add(1)
	<-ctx.Done()
	return context.Cause(ctx)
}

// To subscribe and to cancel, again and again, is not to flood the application with requests.
func TestSubscribingIsBoundedInNumber(t *testing.T) {
	c := &manualClock{time.Unix(1700000000, 0)}
	events := &silence{}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Now: c.now, Services: &hostfuncs.Services{Events: events}, Post: newLetterbox(t).post})
	topic := p.args(map[string]any{"channel": "news"})
	limited := 0
	for range 150 {
		n := p.call("sse.subscribe", topic...)
		if n == int64(abi.CodeLimit) {
			limited++
			continue
		}
		p.expect(0, "core.cancel", uint64(n))
		p.waitsForNothing()
	}
	if limited != 50 || events.asked.Load() != 100 {
		t.Errorf("%d times it was too much, %d requests", limited, events.asked.Load())
	}
	c.Time = c.Add(time.Second)
	p.expect(0, "core.cancel", uint64(p.call("sse.subscribe", topic...)))
	p.waitsForNothing()
}
