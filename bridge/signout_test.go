package bridge_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// TestRecheck: who has signed out, or is somebody else by now, loses the connection; who is signed in again goes on.
func TestRecheck(t *testing.T) {
	var is atomic.Value
	is.Store("ann")
	url, op, h := serve(t, &bridge.HandlerOptions{Recheck: time.Nanosecond, Principal: func(r *http.Request) (string, error) {
		who := is.Load().(string)
		if who == "" {
			return "", errors.New("nobody")
		}
		return who, r.Context().Err()
	}})
	b := newBrowser(t, url)
	b.mount(1, "good")
	b.until("the snapshot", says("clicked 0"))
	bridge.Recheck(h)
	b.send(b.page.Event(2, 0, nil))
	b.until("the answer", says("clicked 1"))
	for _, other := range []string{"", "bob"} {
		is.Store(other)
		bridge.Recheck(h)
		b.ended()
		if _, err := bridgetest.Dial(url, origin, nil); (err != nil) != (other == "") {
			t.Errorf("as %q: %v", other, err)
		}
		is.Store("ann")
		if !b.resume() {
			t.Fatal("the page cannot be taken up")
		}
		b.until("RESUMED", func(*bridgetest.Page) bool { return true })
	}
	b.send(b.page.Event(2, 0, nil))
	b.until("the answer", says("clicked 2"))
	if len(op.counters) != 1 {
		t.Errorf("%d plugins", len(op.counters))
	}
}

// TestEnd: nothing is left of a principal, also of pages that lost their sockets, and nobody else notices.
func TestEnd(t *testing.T) {
	url, op, h := serve(t, nil)
	lost, open, other := newBrowser(t, url), newBrowser(t, url), newBrowser(t, url)
	other.connectAs("bob")
	for _, b := range []*browser{lost, open, other} {
		b.mount(1, "good")
		b.until("the snapshot", says("clicked 0"))
	}
	lost.client.Cut()
	h.End("ann")
	open.ended()
	wait(t, "the end of both plugins", func() bool { return op.counters[0].ends() == 1 && op.counters[1].ends() == 1 })
	for _, b := range []*browser{lost, open} {
		secret := b.secret
		b.connect()
		b.send((&abi.Resume{Session: secret, Mounts: []abi.ResumePoint{b.page.Resume()}}).Append(nil))
		if f := b.fault(); f.Code != abi.FaultGone {
			t.Errorf("%+v", f)
		}
	}
	other.send(other.page.Event(2, 0, nil))
	other.until("the answer", says("clicked 1"))
}
