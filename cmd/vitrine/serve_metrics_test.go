package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// emptyShelf is one that has no plugins.
func emptyShelf(t *testing.T) *shelf {
	t.Helper()
	s, err := newShelf(slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// watched is a watch over plugins that were denied something n times.
func watched(t *testing.T, n int) *watch {
	t.Helper()
	s := emptyShelf(t)
	w, err := newWatch(s)
	if err != nil {
		t.Fatal(err)
	}
	const empty = "\x00asm\x01\x00\x00\x00"
	for i := range n {
		manifest := fmt.Sprintf(`{"apiVersion": "v1", "id": "p%d", "name": "P", "version": "1.0.0", "runtime": {"wasm": "p.wasm"}, "capabilities": []}`, i%7)
		p, err := s.load(t.Context(), fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "p.wasm": {Data: []byte(empty)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		box, err := p.New(&sandbox.Options{Principal: fmt.Sprint("person", i%2)})
		if err != nil {
			t.Fatal(err)
		}
		box.Permit(&abi.Need{Capability: abi.CapAPI, Method: "GET", Path: fmt.Sprint("/", i)})
	}
	return w
}

func ask(w *watch, inside bool, path string, header ...string) (int, string) {
	r := httptest.NewRequest("GET", "http://127.0.0.1:9090"+path, nil)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	out := httptest.NewRecorder()
	w.routes(inside).ServeHTTP(out, r)
	return out.Code, out.Body.String()
}

func TestMetricsSayWhatWasDenied(t *testing.T) {
	w := watched(t, 21)
	code, body := ask(w, true, "/metrics")
	for _, want := range []string{`vitrine_denials_total{capability="api",plugin="p0",step="manifest"} 3`, `vitrine_pool_instances{state="idle"} 0`, "go_goroutines "} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, without %s", code, want)
		}
	}
	if strings.Contains(body, "person") {
		t.Error("it says who")
	}
}

// TestMetricsSayWhatIsShown: once there is a host, what its mounts hold is counted.
func TestMetricsSayWhatIsShown(t *testing.T) {
	s := emptyShelf(t)
	w, err := newWatch(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, body := ask(w, true, "/metrics"); strings.Contains(body, "vitrine_shown") {
		t.Error("it counts what is shown, and there is nobody to show it")
	}
	h, err := host.New(&host.Options{Origins: []string{"http://localhost"}, Anonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	s.host.Store(h)
	code, body := ask(w, true, "/metrics")
	for _, want := range []string{"vitrine_mounts 0\n", "vitrine_shown_bytes 0\n", "vitrine_shown_refused_total 0\n"} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, without %s", code, want)
		}
	}
}

func TestAuditIsPaged(t *testing.T) {
	w := watched(t, 21)
	var all []sandbox.Denial
	path := "/audit?limit=8"
	for range 10 {
		code, body := ask(w, true, path)
		var page auditPage
		if err := json.Unmarshal([]byte(body), &page); code != http.StatusOK || err != nil || len(page.Denials) > 8 {
			t.Fatalf("%s: %d, %v, %d", path, code, err, len(page.Denials))
		}
		all = append(all, page.Denials...)
		if page.Before == 0 {
			break
		}
		path = fmt.Sprint("/audit?limit=8&before=", page.Before)
	}
	if len(all) != 21 {
		t.Fatalf("%d records on all pages", len(all))
	}
	for i, d := range all {
		if d.Number != uint64(21-i) || d.Need != fmt.Sprint("GET /", 20-i) {
			t.Errorf("record %d is %+v", i, d)
		}
	}
	for query, want := range map[string]int{
		"plugin=p1": 3, "plugin=p1&principal=person1": 2, "capability=http": 0, "step=manifest": 21, "since=2020-01-01T00:00:00Z": 21, "since=2999-01-01T00:00:00Z": 0, "limit=200": 21,
	} {
		_, body := ask(w, true, "/audit?"+query)
		if got := strings.Count(body, `"number"`); got != want {
			t.Errorf("%s: %d records, want %d", query, got, want)
		}
	}
	for _, query := range []string{"Plugin=p1", "capability=gravity", "step=no", "since=yesterday", "before=0", "before=-1", "limit=0", "limit=201", "limit=x", "plugin=a&plugin=b", "a=%zz", "a;b"} {
		if code, body := ask(w, true, "/audit?"+query); code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, code, body)
		}
	}
}

// What is for whoever runs the server is not for pages in a browser there.
func TestMetricsAreNotForPages(t *testing.T) {
	w := watched(t, 1)
	for _, c := range []struct {
		inside bool
		header []string
		want   int
	}{
		{true, nil, 200}, {true, []string{"Host", "localhost:9090"}, 200}, {true, []string{"Host", "[::1]:9090"}, 200}, {true, []string{"Sec-Fetch-Site", "none"}, 200},
		{true, []string{"Host", "evil.example:9090"}, 403}, {true, []string{"Host", "127.0.0.1.evil.example"}, 403}, {true, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{false, []string{"Host", "metrics.internal"}, 200}, {false, []string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		if code, _ := ask(w, c.inside, "/audit", c.header...); code != c.want {
			t.Errorf("%+v: %d", c, code)
		}
	}
	r := httptest.NewRequest("POST", "http://127.0.0.1/audit", nil)
	out := httptest.NewRecorder()
	w.routes(true).ServeHTTP(out, r)
	if out.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", out.Code)
	}
}

// They have a listener of their own: the public one does not know them.
func TestServeMetrics(t *testing.T) {
	s := startServer(t, "vitrine", "../../host/testdata/setting", "--grant", "ui", "--cache", "off", "--metrics", ":0")
	var private string
	for _, line := range s.said {
		if rest, ok := strings.CutPrefix(line, "metrics on "); ok {
			private, _, _ = strings.Cut(rest, "/metrics,")
		}
	}
	if !strings.HasPrefix(private, "http://127.0.0.1:") {
		t.Fatalf("it said %q", s.said)
	}
	if got := s.open("setting").text(); got != "?" {
		t.Errorf("it shows %q", got)
	}
	get := func(url string) string {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Status + "\n" + string(b)
	}
	metrics := get(private + "/metrics")
	for _, want := range []string{`vitrine_calls_total{kind="mount",plugin="setting"} 1`, `vitrine_denials_total{capability="props",plugin="setting",step="grant"} 1`, `vitrine_pool_instances{state="in_use"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("without %s:\n%.2000s", want, metrics)
		}
	}
	if audit := get(private + "/audit?plugin=setting"); !strings.Contains(audit, `"capability":"props","need":"props","step":"grant","times":1`) {
		t.Errorf("the audit is %s", audit)
	}
	for _, path := range []string{"/metrics", "/audit"} {
		if body := get("http://" + s.addr + path); !strings.HasPrefix(body, "404") {
			t.Errorf("the public listener answers %s: %.200s", path, body)
		}
	}
}
