package hostfuncs_test

import (
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// application is a host application for plugins, which adds nothing to their requests unless with says so.
func application(t *testing.T, answer http.HandlerFunc, with ...func(*hostfuncs.APIOptions)) (*hostfuncs.API, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	opts := &hostfuncs.APIOptions{Upstream: server.URL}
	for _, f := range with {
		f(opts)
	}
	api, err := hostfuncs.NewAPI(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api, server
}

// signing is a transport that adds a token by itself, to a copy, as the one of golang.org/x/oauth2 does.
type signing struct{ token string }

func (s signing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+s.token)
	return http.DefaultTransport.RoundTrip(r)
}

// An application that repeats what it was sent gives no plugin what the host has added: not from wherever it came,
// and in no spelling.
func TestAnAnswerHasNoCredentialOfTheHost(t *testing.T) {
	const token = `c4nary<&>/"+q7ZpW9xT~k`
	add := func(f func(*http.Request)) func(*hostfuncs.APIOptions) {
		return func(o *hostfuncs.APIOptions) {
			o.Authorize = func(r *http.Request, _ *hostfuncs.Subject) error { f(r); return nil }
		}
	}
	field := func(name, value string) func(*hostfuncs.APIOptions) {
		return add(func(r *http.Request) { r.Header.Set(name, value) })
	}
	var echo http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		_, password, _ := r.BasicAuth()
		cookie, _ := r.Cookie("session")
		fmt.Fprintln(w, r.Method, r.RequestURI, r.Header, password, cookie, r.URL.Query())
		fmt.Fprintln(w, url.QueryEscape(r.Header.Get("Authorization")), base64.StdEncoding.EncodeToString([]byte(r.Header.Get("Authorization"))))
	}
	for name, with := range map[string]func(*hostfuncs.APIOptions){
		"bearer":    field("Authorization", "Bearer "+token),
		"raw":       field("X-Api-Key", token),
		"basic":     add(func(r *http.Request) { r.SetBasicAuth("vitrine", token) }),
		"cookie":    field("Cookie", `theme=dark; session=`+url.QueryEscape(token)),
		"query":     add(func(r *http.Request) { r.URL.RawQuery += "&key=" + url.QueryEscape(token) }),
		"transport": func(o *hostfuncs.APIOptions) { o.Transport = signing{token} },
	} {
		t.Run(name, func(t *testing.T) {
			api, _ := application(t, echo, with)
			p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{API: api}, Subject: hostfuncs.Subject{Plugin: "orders"}})
			got := p.answer(p.ask("api.request", map[string]any{"path": "/orders?own=mine"}))
			if !strings.Contains(got, "[secret]") || !strings.Contains(got, "Orders") && !strings.Contains(got, "orders") || !strings.Contains(got, "mine") {
				t.Errorf("the plugin reads %q", got)
			}
			for _, spelling := range []string{token, "c4nary", url.QueryEscape(token), url.PathEscape(token), base64.StdEncoding.EncodeToString([]byte("Bearer " + token))} {
				if strings.Contains(got, spelling) {
					t.Errorf("the plugin reads %s in %q", spelling, got)
				}
			}
		})
	}
}

// What is not secret can be said not to be, what is too short is not looked for, and where nothing was added nothing
// is struck out.
func TestWhatIsNoCredentialIsHeard(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("X-Tenant-Name"), " ", r.Header.Get("X-Short"), " ", r.Header.Get("X-Plugin-Id"))
	}
	api, _ := application(t, echo, func(o *hostfuncs.APIOptions) {
		o.Public = []string{"x-tenant-name"}
		o.Authorize = func(r *http.Request, _ *hostfuncs.Subject) error {
			r.Header.Set("X-Tenant-Name", "Analytical Engines")
			r.Header.Set("X-Short", "1234567")
			return nil
		}
	})
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{API: api}, Subject: hostfuncs.Subject{Plugin: "orders-of-acme"}})
	if got := p.answer(p.ask("api.request", map[string]any{"path": "/"})); !strings.Contains(got, "Analytical Engines 1234567 orders-of-acme") {
		t.Errorf("the plugin reads %q", got)
	}
}

// What cannot be looked through is not handed on while there is something to be found.
func TestPackedAnswersOfTheApplication(t *testing.T) {
	packed := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "deflate")
		_, _ = io.WriteString(w, packedWith(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z }, r.Header.Get("Authorization")))
	}
	api, _ := application(t, packed, func(o *hostfuncs.APIOptions) {
		o.Authorize = func(r *http.Request, _ *hostfuncs.Subject) error { r.SetBasicAuth("a", "secret-word"); return nil }
	})
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{API: api}})
	p.expect(int64(abi.CodeUnsupported), "api.request", p.args(map[string]any{"path": "/"})...)
	if got := p.call("api.request", p.args(map[string]any{"path": "/", "method": "HEAD"})...); got <= 0 {
		t.Errorf("HEAD, which has no body: %d", got)
	}
}

// The channels of an application are answers of it as well.
func TestAnEventHasNoCredentialOfTheHost(t *testing.T) {
	const token = "c4nary-of-the-person"
	var mu sync.Mutex
	var came []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		came = append(came, r.Header.Get("Last-Event-ID"))
		first := len(came) == 1
		mu.Unlock()
		if !first {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "id: 7-%s\nevent: %s\ndata: %s %s\n\n", token, token, r.Header.Get("Authorization"), r.URL.Query().Get("key"))
	}))
	defer server.Close()
	box := newLetterbox(t)
	source := &hostfuncs.EventSource{Endpoint: server.URL, Retry: time.Millisecond, Authorize: func(r *http.Request, _ *hostfuncs.Subject) error {
		r.Header.Set("Authorization", "Bearer "+token)
		r.URL.RawQuery += "&key=key-of-the-person"
		return nil
	}}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{Events: source}, Post: box.post})
	p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "news"})...)
	if msg, want := box.next(), "event 1 map[data:[secret] [secret] event:[secret] id:7-[secret]]"; msg != want {
		t.Errorf("message %q, want %q", msg, want)
	}
	box.next() // that it has ended
	mu.Lock()
	defer mu.Unlock()
	if len(came) != 2 || came[1] != "7-"+token {
		t.Errorf("the application was asked to go on after %q", came)
	}
}

// A credential that is too short to be struck out does not leave: the application is not asked.
func TestCredentialsThatCannotBeKept(t *testing.T) {
	for _, c := range []struct {
		name   string
		add    func(*http.Request)
		public []string
		goes   bool
	}{
		{"bearer", func(r *http.Request) { r.Header.Set("Authorization", "Bearer 1234567") }, nil, false},
		{"raw", func(r *http.Request) { r.Header.Set("Authorization", "1234567") }, nil, false},
		{"basic", func(r *http.Request) { r.SetBasicAuth("a-long-name", "1234567") }, nil, false},
		{"for a proxy", func(r *http.Request) { r.Header.Set("Proxy-Authorization", "Basic YTpi") }, nil, false},
		{"password in the address", func(r *http.Request) { r.URL.User = url.UserPassword("a-long-name", "1234567") }, nil, false},
		{"second", func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer 12345678", "Bearer 1"} }, nil, false},
		{"public", func(r *http.Request) { r.Header.Set("Authorization", "Bearer 1234567") }, []string{"authorization"}, true},
		{"long enough", func(r *http.Request) { r.Header.Set("Authorization", "Bearer 12345678") }, nil, true},
		{"a key in the place of a name", func(r *http.Request) { r.SetBasicAuth("12345678", "") }, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Bool
			authorize := func(r *http.Request, _ *hostfuncs.Subject) error { c.add(r); return nil }
			api, server := application(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Store(true)
				w.WriteHeader(http.StatusNotFound)
			}, func(o *hostfuncs.APIOptions) { o.Public, o.Authorize = c.public, authorize })
			box := newLetterbox(t)
			source := &hostfuncs.EventSource{Endpoint: server.URL, Public: c.public, Authorize: authorize}
			p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Services: &hostfuncs.Services{API: api, Events: source}, Post: box.post})
			if got := p.call("api.request", p.args(map[string]any{"path": "/"})...); got > 0 != c.goes || asked.Swap(false) != c.goes {
				t.Errorf("a request: %d", got)
			}
			p.expect(1, "sse.subscribe", p.args(map[string]any{"channel": "news"})...)
			box.next() // that it has ended
			if asked.Load() != c.goes {
				t.Error("a subscription was asked for, or not")
			}
		})
	}
}
