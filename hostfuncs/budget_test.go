package hostfuncs_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// budgeted is a gate with a number of questions left, of which what holds takes none.
func budgeted(left int64) *gate {
	var n atomic.Int64
	n.Store(left)
	return &gate{
		permit: func(*abi.Need) abi.Code {
			if n.Add(-1) < 0 {
				return abi.CodeLimit
			}
			return abi.CodeOK
		},
		holds: func(*abi.Need) abi.Code { return abi.CodeOK },
	}
}

// chatter is Events of which some come at once.
type chatter struct{ events int }

func (c *chatter) Subscribe(ctx context.Context, _ *hostfuncs.Subject, _ *hostfuncs.Topic, deliver func(*hostfuncs.HostEvent) error) error {
	for range c.events {
		if err := deliver(&hostfuncs.HostEvent{Data: []byte("x")}); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// A message of a stream uses budget. Where none is left the ticket ends, and the plugin hears that it was too
// much and not that it lost a right.
func TestAStreamEndsWithItsBudget(t *testing.T) {
	box := newLetterbox(t)
	p := newProbe(t, &hostfuncs.Options{Gate: budgeted(3), Services: &hostfuncs.Services{Events: &chatter{5}}, Post: box.post})
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "news"})...)
	for _, want := range []string{"event 1", "event 1", "error 1 -3"} {
		if msg := box.next(); !strings.HasPrefix(msg, want) {
			t.Errorf("message %s, want %s", msg, want)
		}
	}
	p.waitsForNothing()
	box.nothing()

	w, pieces := streamed(t)
	p = newProbe(t, &hostfuncs.Options{Gate: budgeted(2), Services: &hostfuncs.Services{HTTP: w.client}, Post: box.post})
	p.expect(1, "http.start", p.args(map[string]any{"url": w.url("api.example.com", "/"), "stream": true})...)
	for _, want := range []string{"head 1", "chunk 1 one", "error 1 -3"} {
		pieces <- "one"
		if msg := box.next(); !strings.HasPrefix(msg, want) {
			t.Errorf("message %s, want %s", msg, want)
		}
	}
	p.waitsForNothing()
	close(pieces)
}

// What was let begin may end: the answer is of the same question as the request, and what the request has done in
// the application is done.
func TestAnAnswerUsesNoBudget(t *testing.T) {
	box := newLetterbox(t)
	a, _ := application(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("done")) })
	p := newProbe(t, &hostfuncs.Options{Gate: budgeted(2), Services: &hostfuncs.Services{API: a}, Post: box.post})
	post := p.args(map[string]any{"method": "POST", "path": "/orders"})
	p.expect(1, "api.start", post...)
	if msg := box.next(); !strings.HasPrefix(msg, "answer 1 ") {
		t.Errorf("message %s", msg)
	}
	p.waitsForNothing()
	p.env.Recheck()
	if got := p.call("api.request", post...); got <= 0 {
		t.Errorf("the second request: %d", got)
	}
	p.expect(int64(abi.CodeLimit), "api.request", post...)
}
