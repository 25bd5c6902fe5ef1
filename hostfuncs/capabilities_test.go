package hostfuncs_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// app is a host application that writes down what it sees.
func app(t *testing.T, seen *[]string) *hostfuncs.API {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*seen = append(*seen, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+string(body)+" "+r.Header.Get("Authorization")))
		if r.URL.Path == "/base/away" {
			http.Redirect(rw, r, "/base/elsewhere", http.StatusFound)
			return
		}
		rw.Header().Set("Set-Cookie", "session=canary")
		fmt.Fprintf(rw, "%s|%s|%s|%s|%s|%s", r.Header.Get(hostfuncs.HeaderPlugin), r.Header.Get(hostfuncs.HeaderTenant),
			r.Header.Get(hostfuncs.HeaderUser), r.Header.Get(hostfuncs.HeaderInstall), r.Header.Get("Authorization"), r.Header.Get("Accept"))
	}))
	t.Cleanup(server.Close)
	api, err := hostfuncs.NewAPI(&hostfuncs.APIOptions{Upstream: server.URL + "/base", Authorize: func(r *http.Request, who *hostfuncs.Subject) error {
		r.Header.Set("Authorization", "Bearer for-"+who.User)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

func TestAPIForwardsWhatItMatched(t *testing.T) {
	var seen []string
	var needs []abi.Need
	g := &gate{permit: func(n *abi.Need) abi.Code { needs = append(needs, *n); return abi.CodeOK }}
	p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{API: app(t, &seen)},
		Subject: hostfuncs.Subject{Plugin: "orders", Tenant: "acme", User: "ann/b", Install: "i7"}})
	got := p.value(p.ask("api.request", map[string]any{"path": "/orders/17%20a?x=1&y=%2F", "method": "POST", "body": []byte("b"),
		"headers": []any{[]any{"accept", "text/plain"}}})).(map[string]any)
	if body, want := string(got["body"].([]byte)), "orders|acme|ann%2Fb|i7|[secret]|text/plain"; body != want {
		t.Errorf("the application saw %q, want %q", body, want)
	}
	if len(needs) != 1 || needs[0].Method != "POST" || needs[0].Path != "/orders/17%20a" {
		t.Errorf("asked for %+v", needs)
	}
	if strings.Contains(fmt.Sprint(got["headers"]), "canary") {
		t.Errorf("the plugin hears %v", got["headers"])
	}
	if want := "POST /base/orders/17%20a?x=1&y=%2F b Bearer for-ann/b"; len(seen) != 1 || seen[0] != want {
		t.Errorf("the application saw %q, want %q", seen, want)
	}
	if got := p.value(p.ask("api.request", map[string]any{"path": "/away"})).(map[string]any); got["status"] != int64(302) {
		t.Errorf("a redirect was followed: %v", got)
	}
}

// What can be read in two ways never leaves.
func TestAPIRefusesPaths(t *testing.T) {
	var seen []string
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{API: app(t, &seen)}})
	var many strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&many, "a%d&", i)
	}
	for _, path := range []string{
		"", "orders", "//orders", "/orders//1", "/orders/", "/orders/.", "/orders/..", "/orders/../admin", "/orders/%2e%2e/admin", "/orders/..%2fadmin",
		"/orders/%252e%252e", "/orders%2fadmin", `/orders\admin`, "/orders%5cadmin", "/orders;x", "/orders%3bx", "/orders%00", "/orders.", "/orders%", "/orders%2",
		"/orders%zz", "/orders#f", "/orders%23", "/orders%3fa", "http://evil.example/orders", "//evil.example/orders", "/orders ", "/orders\t", "/orders\r\nX: y",
		"/\u00e9", "/%e9", "/orders?a#b", "/orders?a b", "/orders?a;b", "/orders?%00", "/orders?%zz", "/orders?%0a", "/orders?a=%7f", "/o%72ders", "*",
	} {
		if n := p.ask("api.request", map[string]any{"path": path}); n != int64(abi.CodeInvalid) {
			t.Errorf("%q: %d, want invalid", path, n)
		}
	}
	if n := p.ask("api.request", map[string]any{"path": "/orders?" + many.String()[:8000]}); n != int64(abi.CodeInvalid) {
		t.Errorf("thousands of parameters: %d", n)
	}
	for _, method := range []string{"get", "GET ", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "", "G\r\nET"} {
		if n := p.ask("api.request", map[string]any{"path": "/orders", "method": method}); n != int64(abi.CodeInvalid) {
			t.Errorf("%q: %d, want invalid", method, n)
		}
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-Plugin-Id", "X-Vitrine-User", "Cookie", "Authorization", "Host", "X-Any"} {
		if n := p.ask("api.request", map[string]any{"path": "/orders", "headers": []any{[]any{name, "v"}}}); n != int64(abi.CodeInvalid) {
			t.Errorf("%s: %d, want invalid", name, n)
		}
	}
	g := &gate{permit: func(n *abi.Need) abi.Code { // GET alone is granted
		if n.Method == "GET" && n.Path == "/orders" {
			return abi.CodeOK
		}
		return abi.CodeDenied
	}}
	strict := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{API: app(t, &seen)}})
	for _, v := range []map[string]any{{"path": "/orders", "method": "HEAD"}, {"path": "/orders", "method": "DELETE"}, {"path": "/Orders"}, {"path": "/orders/1"}} {
		if n := strict.ask("api.request", v); n != int64(abi.CodeDenied) {
			t.Errorf("%v: %d, want denied", v, n)
		}
	}
	if len(seen) != 0 {
		t.Errorf("the application saw %q", seen)
	}
}

func TestSSE(t *testing.T) {
	box := newLetterbox(t)
	events := &hostfuncs.MemoryEvents{}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{Events: events}, Post: box.post, Subject: hostfuncs.Subject{Tenant: "acme"}})
	one := hostfuncs.Topic{Channel: "attendee.updated", Key: "id", Instance: "1"}
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "attendee.updated", "key": "id", "instance": "1"})...)
	for events.Subscribers("attendee.updated") == 0 {
		time.Sleep(time.Millisecond)
	}
	if n, due := p.env.Waiting(), p.env.Due(); n != 1 || due != 0 {
		t.Errorf("%d tickets of which %d are due an answer: a channel ends with none", n, due)
	}
	two := one
	two.Instance = "2"
	events.Publish("acme", two, hostfuncs.HostEvent{Data: []byte("of another")})
	events.Publish("other", one, hostfuncs.HostEvent{Data: []byte("of another tenant")})
	events.Publish("acme", hostfuncs.Topic{Channel: "other"}, hostfuncs.HostEvent{Data: []byte("of another channel")})
	events.Publish("acme", one, hostfuncs.HostEvent{ID: "7", Data: []byte("hello\xff")})
	if msg := box.next(); msg != "event 1 map[data:hello\uFFFD event:attendee.updated id:7]" {
		t.Errorf("message %s", msg)
	}
	for i := range 1000 { // a plugin that is behind costs the publisher nothing
		events.Publish("acme", one, hostfuncs.HostEvent{ID: fmt.Sprint(i)})
	}
	p.expect(0, "core.cancel", 1)
	for p.env.Waiting() > 0 || events.Subscribers("attendee.updated") > 0 {
		time.Sleep(time.Millisecond)
	}
}

// A subscription ends with its permission: the host is left, and the plugin is told.
func TestSSEEndsWithItsPermission(t *testing.T) {
	box := newLetterbox(t)
	events := &hostfuncs.MemoryEvents{}
	var revoked atomic.Bool
	g := &gate{permit: func(n *abi.Need) abi.Code {
		if revoked.Load() && n.Channel == "attendee.updated" {
			return abi.CodeDenied
		}
		return abi.CodeOK
	}}
	p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{Events: events}, Post: box.post, Subject: hostfuncs.Subject{Tenant: "acme"}})
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "attendee.updated"})...)
	p.expect(2, "sse.subscribe", p.args(map[string]any{"channel": "order.updated"})...)
	for events.Subscribers("attendee.updated") == 0 || events.Subscribers("order.updated") == 0 {
		time.Sleep(time.Millisecond)
	}
	revoked.Store(true)
	p.env.Recheck()
	if msg := box.next(); msg != "error 1 -1" {
		t.Errorf("message %s", msg)
	}
	for events.Subscribers("attendee.updated") > 0 {
		time.Sleep(time.Millisecond)
	}
	events.Publish("acme", hostfuncs.Topic{Channel: "attendee.updated"}, hostfuncs.HostEvent{Data: []byte("after")})
	events.Publish("acme", hostfuncs.Topic{Channel: "order.updated"}, hostfuncs.HostEvent{Data: []byte("still")})
	if msg := box.next(); !strings.HasPrefix(msg, "event 2 ") || !strings.Contains(msg, "still") {
		t.Errorf("message %s", msg)
	}
	p.expect(0, "core.cancel", 2)
	for p.env.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
}

// A real endpoint: it is asked again with the last id, its fields are bounded, and no means no.
func TestEventSource(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery+" "+r.Header.Get("Last-Event-ID")+" "+r.Header.Get(hostfuncs.HeaderPlugin))
		switch len(asked) {
		case 1:
			rw.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			_, _ = io.WriteString(rw, "\xef\xbb\xbf: hello\r\nretry: 1\r\nid: 5\r\nevent: e\r\ndata: a\r\ndata:b\r\n\r\ndata: lost")
		case 2:
			rw.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(rw, "data: "+strings.Repeat("x", hostfuncs.MaxEvent+1)+"\n\n")
		case 3:
			_, _ = io.WriteString(rw, "data: not a stream\n\n")
		default:
			rw.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	box := newLetterbox(t)
	source := &hostfuncs.EventSource{Endpoint: server.URL + "/events", Retry: time.Millisecond}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{Events: source}, Post: box.post, Subject: hostfuncs.Subject{Plugin: "p"}})
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "a.b"})...)
	if msg := box.next(); msg != "event 1 map[data:a\nb event:e id:5]" {
		t.Errorf("message %q", msg)
	}
	if msg := box.next(); msg != "error 1 -1" {
		t.Errorf("message %q", msg)
	}
	if want := "channel=a.b  p,channel=a.b 5 p,channel=a.b 5 p,channel=a.b 5 p"; strings.Join(asked, ",") != want {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

type may map[string]bool

func (m may) May(_ context.Context, who *hostfuncs.Subject, q *hostfuncs.Question) (bool, error) {
	return m[who.User+" "+q.Model+" "+q.Ability+" "+q.Instance], nil
}

func TestAuthz(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{Authz: may{"ann Order view ": true, "ann Order view 7": true}}, Subject: hostfuncs.Subject{User: "ann"}})
	for _, c := range []struct {
		q    []any
		want int64
	}{{[]any{"Order", "view"}, 1}, {[]any{"Order", "view", "7"}, 1}, {[]any{"Order", "view", "8"}, 0}, {[]any{"Order", "delete"}, 0}, {[]any{"Order"}, int64(abi.CodeInvalid)}, {[]any{"Order", 1}, int64(abi.CodeInvalid)}} {
		if got := p.ask("authz.evaluate", c.q); got != c.want {
			t.Errorf("%v: %d, want %d", c.q, got, c.want)
		}
	}
}

func TestUser(t *testing.T) {
	who := hostfuncs.Subject{User: "ann", Orgs: []string{"z", "a"}}
	for granted, want := range map[string]string{"user:id": "map[id:ann]", "user:orgs": "map[orgs:[a z]]", "user:id user:orgs": "map[id:ann orgs:[a z]]", "": "denied"} {
		denials := 0
		g := &gate{permit: func(n *abi.Need) abi.Code {
			if strings.Contains(granted, n.Name) {
				return abi.CodeOK
			}
			if !n.Optional {
				denials++
			}
			return abi.CodeDenied
		}}
		p := newProbe(t, &hostfuncs.Options{Gate: g, Subject: who})
		if got := fmt.Sprint(p.value(p.call("user.read"))); got != want {
			t.Errorf("%q: %s, want %s", granted, got, want)
		}
		if (denials > 0) != (want == "denied") || denials > 1 {
			t.Errorf("%q: %d denials that leave a trace", granted, denials)
		}
	}
}

func TestAssets(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Assets: func(name string) ([]byte, error) {
		switch name {
		case "a.txt":
			return []byte("file"), nil
		case "big":
			return nil, io.ErrShortBuffer
		}
		return nil, fs.ErrNotExist
	}})
	for name, want := range map[string]string{"a.txt": "file", "b.txt": "not found", "big": "limit", "../etc/passwd": "invalid", "/a.txt": "invalid", "": "invalid"} {
		ptr, n := p.put(16, []byte(name))
		if got := p.answer(p.call("assets.read", ptr, n)); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// counter is a Telemetry that remembers.
type counter []string

func (c *counter) Count(who *hostfuncs.Subject, name string, n uint64) {
	*c = append(*c, fmt.Sprint(who.Plugin, " ", name, " ", n))
}

func (c *counter) Span(who *hostfuncs.Subject, name string, begin, end time.Time, failed bool) {
	*c = append(*c, fmt.Sprint(who.Plugin, " ", name, " ", end.Sub(begin), " ", failed))
}

func TestTelemetry(t *testing.T) {
	clock := &manualClock{time.Unix(1700000000, 0)}
	var got counter
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Now: clock.now, Services: &hostfuncs.Services{Telemetry: &got}, Subject: hostfuncs.Subject{Plugin: "p"}})
	if n := p.ask("telemetry.count", []any{"clicks", 3}); n != 0 {
		t.Errorf("count: %d", n)
	}
	ptr, n := p.put(16, []byte("load.all"))
	p.expect(1, "telemetry.begin", ptr, n)
	clock.Time = clock.Add(5 * time.Millisecond)
	p.expect(0, "telemetry.end", 1, 1)
	p.expect(int64(abi.CodeNotFound), "telemetry.end", 1, 1)
	if want := "[p clicks 3 p load.all 5ms true]"; fmt.Sprint(got) != want {
		t.Errorf("reported %v, want %s", got, want)
	}
	for _, v := range []any{[]any{"Clicks", 1}, []any{"", 1}, []any{"a b", 1}, []any{"a", 0}, []any{"a", -1}, []any{"a", 1 << 33}, []any{strings.Repeat("a", 65), 1}, "a"} {
		if n := p.ask("telemetry.count", v); n != int64(abi.CodeInvalid) {
			t.Errorf("%v: %d", v, n)
		}
	}
	for i := range 16 {
		p.expect(int64(i+2), "telemetry.begin", ptr, n)
	}
	p.expect(int64(abi.CodeLimit), "telemetry.begin", ptr, n)
	limited := 0
	for range 1100 {
		if p.ask("telemetry.count", []any{"a", 1}) == int64(abi.CodeLimit) {
			limited++
		}
	}
	if limited < 100 {
		t.Errorf("%d of 1100 reports at once were refused", limited)
	}
}

// worker is a Jobs that says how far it is and waits.
type worker struct{ goOn chan struct{} }

func (w worker) Run(ctx context.Context, fn string, in []byte, progress func([]byte)) ([]byte, error) {
	for i := range 100 {
		progress(fmt.Append(nil, i))
	}
	select {
	case <-w.goOn:
		return append([]byte(fn+":"), in...), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestJobs(t *testing.T) {
	box, w := newLetterbox(t), worker{make(chan struct{})}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Jobs: w, Post: box.post})
	p.expect(1, "jobs.start", p.args([]any{"f", []byte("in")})...)
	for msg := ""; msg != "progress 1 99"; {
		if msg = box.next(); !strings.HasPrefix(msg, "progress 1 ") {
			t.Fatalf("message %s", msg)
		}
	}
	close(w.goOn)
	if msg := box.next(); msg != "answer 1 f:in" {
		t.Errorf("message %s", msg)
	}
	var heard string
	job := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Progress: func(b []byte) { heard = string(b) }})
	ptr, n := job.put(16, []byte("half"))
	job.expect(0, "jobs.progress", ptr, n)
	if heard != "half" {
		t.Errorf("heard %q", heard)
	}
}
