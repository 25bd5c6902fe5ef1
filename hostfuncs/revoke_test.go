package hostfuncs_test

import (
	"net/http"
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
	if took := time.Since(start); took < 20*time.Millisecond || took > 1500*time.Millisecond {
		t.Errorf("it ended after %v", took)
	}
	revoked.Store(false)
	close(release)
	if got := p.call("http.request", at, n); got <= 0 {
		t.Errorf("with the right again: %d", got)
	}
}
