package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/asker/plugin.wat -o testdata/asker/plugin.wasm
//go:generate wat2wasm testdata/desk/plugin.wat -o testdata/desk/plugin.wasm
//go:generate wat2wasm testdata/mirror/plugin.wat -o testdata/mirror/plugin.wasm
//go:generate wat2wasm testdata/painter/plugin.wat -o testdata/painter/plugin.wasm
//go:generate wat2wasm testdata/seats/plugin.wat -o testdata/seats/plugin.wasm
//go:generate wat2wasm testdata/setting/plugin.wat -o testdata/setting/plugin.wasm
//go:generate wat2wasm testdata/versions/keeper.wat -o testdata/versions/keeper.wasm
//go:generate wat2wasm testdata/versions/deaf.wat -o testdata/versions/deaf.wasm
//go:generate wat2wasm testdata/versions/broken.wat -o testdata/versions/broken.wasm
//go:generate wat2wasm testdata/versions/slow.wat -o testdata/versions/slow.wasm

func TestMain(m *testing.M) { leak.Main(m) }

// patient are limits for a busy machine: what guests do is tested, not how fast they are.
var patient = &runtime.Limits{WallTime: time.Minute}

// desk loads the plugin of testdata/desk.
func desk(t testing.TB, logger *slog.Logger) *sandbox.Plugin {
	t.Helper()
	return loadFolder(t, "desk", logger)
}

// loadFolder loads a plugin of testdata.
func loadFolder(t testing.TB, name string, logger *slog.Logger) *sandbox.Plugin {
	t.Helper()
	return loadWith(t, os.DirFS("testdata/"+name), &sandbox.Policy{Logger: logger})
}

// loadWith loads a plugin in a runtime of its own.
func loadWith(t testing.TB, files fs.FS, policy *sandbox.Policy) *sandbox.Plugin {
	t.Helper()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p, err := sandbox.Load(context.Background(), rt, files, policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// site is a host behind a real server.
type site struct {
	*host.Host
	t      testing.TB
	server *httptest.Server
	log    *lines
}

// newSite serves the desk at the place "desk" to anonymous visitors, unless change says otherwise.
func newSite(t testing.TB, change func(*host.Options)) *site {
	t.Helper()
	s := &site{t: t, server: httptest.NewUnstartedServer(nil), log: &lines{}}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	opts := &host.Options{
		Origins: []string{"http://" + s.server.Listener.Addr().String()}, Anonymous: true,
		Places: map[string]host.Place{"desk": {Plugin: desk(t, logger), Grants: []abi.Capability{abi.CapUI}}},
		Logger: logger,
	}
	if change != nil {
		change(opts)
	}
	h, err := host.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Host = h
	mux := http.NewServeMux()
	mux.Handle(host.Prefix, h)
	mux.Handle("/", h.Protect(http.NotFoundHandler()))
	s.server.Config.Handler = mux
	s.server.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := h.Drain(ctx); err != nil {
			t.Error(err)
		}
		s.server.Close()
	})
	return s
}

// origin is what a browser says in a page of the site.
func (s *site) origin() string { return s.server.URL }

// visitor is a browser: it keeps cookies and says where it comes from.
type visitor struct {
	*site
	cookie string
	from   string // its address, where the site reads it from a header
}

func (s *site) visitor() *visitor { return &visitor{site: s} }

// visitorFrom is one at an address, in a site that was made with behindProxy.
func (s *site) visitorFrom(addr string) *visitor { return &visitor{site: s, from: addr} }

// behindProxy makes a host believe what visitors say of their address.
func behindProxy(o *host.Options) {
	o.RemoteAddr = func(r *http.Request) string { return r.Header.Get("X-Real-IP") }
}

// send makes a request as a page of the site would, and returns the answer with its body read.
func (v *visitor) send(method, path, body string, header ...string) (*http.Response, string) {
	v.t.Helper()
	r, err := http.NewRequest(method, v.server.URL+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Origin", v.origin())
		r.Header.Set("Content-Type", "application/json")
	}
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie)
	}
	if v.from != "" {
		r.Header.Set("X-Real-IP", v.from)
	}
	for i := 0; i < len(header); i += 2 {
		switch {
		case header[i] == "Host":
			r.Host = header[i+1]
		case header[i+1] == "":
			r.Header.Del(header[i])
		default:
			r.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := v.server.Client().Transport.RoundTrip(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		v.cookie = c.Name + "=" + c.Value
	}
	return resp, string(b)
}

// ticket asks for a ticket as a page does.
func (v *visitor) ticket(place string) string {
	v.t.Helper()
	resp, body := v.send("POST", "/vitrine/tickets", `{"place":"`+place+`"}`)
	var got struct{ Ticket string }
	if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != http.StatusOK || got.Ticket == "" {
		v.t.Fatalf("ticket for %s: %s %s", place, resp.Status, body)
	}
	return got.Ticket
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
