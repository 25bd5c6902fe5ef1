package hostfuncs_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// mail is what waits for a plugin.
type mail struct {
	take    func() ([]byte, bool)
	handled func()
}

// letterbox stands for a sandbox's queue.
type letterbox struct {
	t    *testing.T
	mail chan mail
}

func newLetterbox(t *testing.T) *letterbox { return &letterbox{t, make(chan mail, 100)} }

func (b *letterbox) post(take func() ([]byte, bool), handled func()) { b.mail <- mail{take, handled} }

// next is the next message that the plugin gets, as text.
func (b *letterbox) next() string {
	b.t.Helper()
	for {
		select {
		case m := <-b.mail:
			msg, ok := m.take()
			m.handled()
			if !ok {
				continue
			}
			v, err := cbor.Unmarshal(msg)
			if err != nil {
				b.t.Fatal(err)
			}
			return words(v)
		case <-time.After(time.Minute):
			b.t.Fatal("no message came")
		}
	}
}

// words is a value as text, bytes as text too.
func words(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, words(item))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

func (b *letterbox) nothing() {
	b.t.Helper()
	select {
	case m := <-b.mail:
		if msg, ok := m.take(); ok {
			b.t.Errorf("a message came: %q", msg)
		}
		m.handled()
	case <-time.After(50 * time.Millisecond):
	}
}

// ask puts a value into the probe's memory and calls a function with it.
func (p *probe) ask(name string, v any) int64 {
	p.t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	ptr, n := p.put(1024, b)
	return p.call(name, ptr, n)
}

// answer fetches what the last function has parked.
func (p *probe) answer(n int64) string {
	p.t.Helper()
	if n < 0 {
		return abi.Code(n).String()
	}
	p.expect(n, "core.take", 4096, uint64(n))
	return string(p.get(4096, uint64(n)))
}

func (p *probe) value(n int64) any {
	p.t.Helper()
	if n < 0 {
		return abi.Code(n).String()
	}
	v, err := cbor.Unmarshal([]byte(p.answer(n)))
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// streamed is a server whose answers come in pieces when the test says so.
func streamed(t *testing.T) (*world, chan string) {
	pieces := make(chan string, 10)
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/whole" {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(rw, "%s %s", r.Method, body)
			return
		}
		_ = http.NewResponseController(rw).Flush()
		for {
			select {
			case p, ok := <-pieces:
				if !ok {
					return
				}
				_, _ = io.WriteString(rw, p)
				_ = http.NewResponseController(rw).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}, hostfuncs.HTTPLimits{})
	return w, pieces
}

func TestHTTPBothWaysOfWaiting(t *testing.T) {
	w, pieces := streamed(t)
	box := newLetterbox(t)
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{HTTP: w.client}, Post: box.post})
	req := map[string]any{"url": w.url("api.example.com", "/whole"), "method": "POST", "body": []byte("b")}

	got := p.value(p.ask("http.request", req)).(map[string]any)
	if got["status"] != int64(200) || string(got["body"].([]byte)) != "POST b" || got["url"] != req["url"] {
		t.Errorf("waiting: %v", got)
	}
	n := p.ask("http.start", req)
	if msg := box.next(); n != 1 || !strings.HasPrefix(msg, "answer 1 map[body:[80 79") {
		t.Errorf("ticket %d, message %s", n, msg)
	}
	stream := map[string]any{"url": w.url("api.example.com", "/stream"), "stream": true}
	p.expect(int64(abi.CodeInvalid), "http.request", p.args(stream)...)
	if n := p.ask("http.start", stream); n != 2 {
		t.Fatalf("ticket %d", n)
	}
	if msg := box.next(); !strings.HasPrefix(msg, "head 2 map[headers:") || strings.Contains(msg, "body") {
		t.Errorf("message %s", msg)
	}
	pieces <- "one"
	pieces <- "two"
	for chunks := ""; chunks != "onetwo"; {
		msg := box.next()
		chunk, ok := strings.CutPrefix(msg, "chunk 2 ")
		if !ok {
			t.Fatalf("message %s", msg)
		}
		chunks += chunk
	}
	close(pieces)
	if msg := box.next(); msg != "answer 2 <nil>" {
		t.Errorf("message %s", msg)
	}
	for p.env.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	p.expect(int64(abi.CodeNotFound), "core.cancel", 2)
}

func (p *probe) args(v any) []uint64 {
	b, err := cbor.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	ptr, n := p.put(1024, b)
	return []uint64{ptr, n}
}

func TestTicketsAreBoundedAndCalledOff(t *testing.T) {
	w, pieces := streamed(t)
	box := newLetterbox(t)
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{HTTP: w.client}, Post: box.post, Limits: hostfuncs.Limits{Tickets: 2}})
	req := map[string]any{"url": w.url("api.example.com", "/stream")}
	for want := int64(1); want <= 2; want++ {
		if n := p.ask("http.start", req); n != want {
			t.Errorf("ticket %d, want %d", n, want)
		}
	}
	p.expect(int64(abi.CodeLimit), "http.start", p.args(req)...)
	p.expect(0, "core.cancel", 1)
	for p.env.Waiting() > 1 {
		time.Sleep(time.Millisecond)
	}
	p.expect(int64(abi.CodeNotFound), "core.cancel", 1)
	p.expect(3, "http.start", p.args(req)...)
	p.env.DropTickets()
	for p.env.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	close(pieces)
	box.nothing()
	none := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{HTTP: w.client}})
	none.expect(int64(abi.CodeUnsupported), "http.start", none.args(req)...)
}

// A permission that ends while a ticket is open ends the ticket: at once if somebody asks, and in any case
// before the next message.
func TestRevokedWhileUnderWay(t *testing.T) {
	for _, ask := range []bool{true, false} {
		w, pieces := streamed(t)
		box := newLetterbox(t)
		var mu sync.Mutex
		code := abi.CodeOK
		g := &gate{permit: func(*abi.Need) abi.Code { mu.Lock(); defer mu.Unlock(); return code }}
		p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{HTTP: w.client}, Post: box.post})
		p.expect(1, "http.start", p.args(map[string]any{"url": w.url("api.example.com", "/"), "stream": true})...)
		if msg := box.next(); !strings.HasPrefix(msg, "head 1") {
			t.Fatal(msg)
		}
		mu.Lock()
		code = abi.CodeDenied
		mu.Unlock()
		if ask {
			p.env.Recheck()
		} else {
			pieces <- "nobody is to read this"
		}
		if msg := box.next(); msg != "error 1 -1" {
			t.Errorf("message %s", msg)
		}
		close(pieces)
	}
}

// A blocking call lets the deadline of the guest's call run.
func TestBlockingCallEndsWithTheDeadline(t *testing.T) {
	w, pieces := streamed(t)
	defer close(pieces)
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{HTTP: w.client}})
	args := p.args(map[string]any{"url": w.url("api.example.com", "/")})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	out, err := p.in.Invoke(ctx, "http.request", args...)
	if took := time.Since(began); took > 30*time.Second || err == nil && abi.Code(int32(out[0])) != abi.CodeDeadline {
		t.Errorf("after %v: %v, %v", took, out, err)
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	w, pieces := streamed(t)
	close(pieces)
	services := &hostfuncs.Services{HTTP: w.client, KV: &hostfuncs.MemoryStore{}, Data: &hostfuncs.MemoryData{}, Events: &hostfuncs.MemoryEvents{}}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: services, Post: newLetterbox(t).post, Jobs: failingJobs{}})
	url := w.url("api.example.com", "/")
	for name, values := range map[string][]any{
		"http.start": {nil, 1, "x", []any{}, map[string]any{}, map[string]any{"url": 1}, map[string]any{"url": url, "x": 1},
			map[string]any{"url": url, "headers": []any{[]any{"a"}}}, map[string]any{"url": url, "headers": map[string]any{}},
			map[string]any{"url": url, "body": "text"}, map[string]any{"url": url, "headers": []any{[]any{"a", "b", 1}}}},
		"kv.get":        {nil, []any{"install"}, []any{"install", ""}, []any{"user", "a"}, []any{"other", "a"}, []any{"install", "a", "b"}, []any{"install", strings.Repeat("k", 513)}},
		"kv.put":        {[]any{"install", "a"}, []any{"install", "a", "text"}, []any{"install", "a", []byte{}, []byte{}, []byte{}}},
		"kv.keys":       {[]any{"install", "", "", 0}, []any{"install", "", "", 1001}, []any{"install", "", ""}},
		"data.request":  {nil, map[string]any{}, map[string]any{"model": "A"}, map[string]any{"model": "A", "ability": "view", "key": "id"}, map[string]any{"model": "A", "ability": "view", "most": 1001}},
		"sse.subscribe": {nil, map[string]any{"channel": ""}, map[string]any{"channel": "a b"}, map[string]any{"channel": "a", "key": "id"}},
		"jobs.start":    {nil, []any{"f"}, []any{"f", "text"}, []any{"f", []byte{}, 1}},
	} {
		for _, v := range values {
			if n := p.ask(name, v); n != int64(abi.CodeInvalid) {
				t.Errorf("%s %v: %d, want invalid", name, v, n)
			}
		}
	}
}

type failingJobs struct{}

func (failingJobs) Run(context.Context, string, []byte, func([]byte)) ([]byte, error) {
	return nil, io.ErrUnexpectedEOF
}

// Functions of a host that has nothing behind them say so.
func TestWithoutServices(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}})
	for name, v := range map[string]any{
		"http.request": map[string]any{"url": "https://api.example.com/"}, "http.start": map[string]any{"url": "https://api.example.com/"},
		"api.request": map[string]any{"path": "/a"}, "api.start": map[string]any{"path": "/a"}, "sse.subscribe": map[string]any{"channel": "a"},
		"data.request": map[string]any{"model": "A", "ability": "view"}, "data.start": map[string]any{"model": "A", "ability": "view"},
		"authz.evaluate": []any{"A", "view"}, "kv.get": []any{"install", "a"}, "kv.put": []any{"install", "a", nil}, "kv.keys": []any{"install", "", "", 1},
		"jobs.start": []any{"f", []byte{}}, "jobs.progress": 1, "telemetry.count": []any{"a", 1},
	} {
		if n := p.ask(name, v); n != int64(abi.CodeUnsupported) {
			t.Errorf("%s: %d, want unsupported", name, n)
		}
	}
	p.expect(int64(abi.CodeUnsupported), "telemetry.end", 1, 0)
	p.expect(int64(abi.CodeNotFound), "user.read")
}
