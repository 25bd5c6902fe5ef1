package host_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/hostfuncs/telemetry"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

//go:generate wat2wasm testdata/witness/plugin.wat -o testdata/witness/plugin.wasm

// notebook is a store that remembers all it was given.
type notebook struct {
	hostfuncs.MemoryStore
	mu   sync.Mutex
	kept string
}

func (n *notebook) Put(ctx context.Context, space, key string, c *hostfuncs.Change) error {
	n.mu.Lock()
	n.kept += space + key + string(c.Value)
	n.mu.Unlock()
	return n.MemoryStore.Put(ctx, space, key, c)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kept
}

// What a person's browser sends to prove who they are stays between it and the host: it is in nothing that
// reaches the plugin, the log, a metric, or a server that the plugin asks.
func TestCanaryTokenTurnsUpNowhere(t *testing.T) {
	const canary = "eyJhbGciOiJIUzI1NiJ9.canary.c2VjcmV0"
	upstream := &lines{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintln(upstream, r.Method, r.URL, r.Header, string(body))
		fmt.Fprintln(w, r.Method, r.URL, r.Header)
	}))
	defer server.Close()
	api, err := hostfuncs.NewAPI(&hostfuncs.APIOptions{Upstream: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	client := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{InsecureDial: map[string]string{"api.example.com:80": server.Listener.Addr().String()}})
	defer client.Close()
	metrics := prometheus.NewRegistry()
	counted, err := telemetry.New(metrics, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, audit := &notebook{}, sandbox.NewAudit()
	s := newSite(t, func(o *host.Options) {
		rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Logger: o.Logger})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = rt.Close(context.Background()) })
		services := &hostfuncs.Services{HTTP: client, API: api, KV: kept, Telemetry: counted}
		p, err := sandbox.Load(context.Background(), rt, os.DirFS("testdata/witness"), &sandbox.Policy{Logger: o.Logger.With(slog.Bool("sandbox", true)), Services: services, Audit: audit, Limits: patient})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Manifest()
		grants := []abi.Capability{abi.CapProps, abi.CapUI, abi.CapUser, abi.CapLog, abi.CapHTTP, abi.CapAPI, abi.CapKV} // not random: that is a denial
		o.Places = map[string]host.Place{"witness": {Plugin: p, Grants: grants, Permissions: m.Permissions, Tenant: "acme", Props: map[string]any{"order": "o-7"}}}
		o.Anonymous, o.Identity = false, func(r *http.Request) (host.Principal, error) {
			cookie, err := r.Cookie("app")
			if err != nil || cookie.Value != canary || r.Header.Get("Authorization") != "Bearer "+canary {
				return host.Principal{}, errors.New("not signed in with " + canary)
			}
			return host.Principal{ID: "ann"}, nil
		}
	})
	v := s.visitor()
	v.cookie = "app=" + canary
	bearer := []string{"Authorization", "Bearer " + canary, "Referer", s.origin() + "/?token=" + canary, "X-Api-Key", canary}
	v.send("POST", "/vitrine/tickets", `{"place":"witness"}`) // without a bearer it is refused, which is logged too
	resp, body := v.send("POST", "/vitrine/tickets", `{"place":"witness"}`, bearer...)
	_, ticket, _ := strings.Cut(body, `"ticket":"`)
	ticket, _, _ = strings.Cut(ticket, `"`)
	if resp.StatusCode != http.StatusOK || ticket == "" {
		t.Fatalf("%s %s", resp.Status, body)
	}
	p := v.tab(bearer...)
	page := p.mount(1, ticket)
	p.until("the button", func() bool { return page.Root != nil && len(page.Find("button")) == 1 })
	p.click(page, 0)
	p.until("the click is acknowledged", func() bool { return page.AckEv == 1 })
	p.click(page, 0)
	p.until("the click is acknowledged", func() bool { return page.AckEv == 2 })

	var scraped strings.Builder
	if err := audit.WriteMetrics(&scraped); err != nil {
		t.Fatal(err)
	}
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(&scraped, families, audit.Denials(nil))
	for where, c := range map[string]struct{ text, sign string }{
		"what the plugin was given": {kept.String(), "X-Plugin-Id:[witness]"},
		"what upstream was sent":    {upstream.String(), "X-Plugin-Id:[witness]"},
		"the log":                   {s.log.String(), "principal=ann"},
		"the metrics":               {scraped.String(), `capability="random"`},
	} {
		if !strings.Contains(c.text, c.sign) {
			t.Errorf("%s was not looked at: no %s in\n%.2000q", where, c.sign, c.text)
		}
		for _, secret := range []string{canary, "canary", ticket, base64.StdEncoding.EncodeToString([]byte(canary)), hex.EncodeToString([]byte(canary))} {
			if strings.Contains(c.text, secret) {
				t.Errorf("%s has %s", where, secret)
			}
		}
	}
	if given := kept.String(); !strings.Contains(given, "o-7") || !strings.Contains(given, "ann") {
		t.Error("the plugin has not read its props and who the person is")
	}
}
