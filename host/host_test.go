package host_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

func TestNewRefuses(t *testing.T) {
	p := desk(t, nil)
	for name, c := range map[string]struct {
		opts *host.Options
		want string
	}{
		"nothing":          {nil, "no origins"},
		"nobody":           {&host.Options{Origins: []string{"https://a.example"}}, "set either Identity or Anonymous"},
		"everybody twice":  {&host.Options{Origins: []string{"https://a.example"}, Anonymous: true, Identity: func(*http.Request) (host.Principal, error) { return host.Principal{}, nil }}, "set either Identity or Anonymous"},
		"star":             {&host.Options{Origins: []string{"*"}, Anonymous: true}, `origin "*" is not one`},
		"no scheme":        {&host.Options{Origins: []string{"a.example"}, Anonymous: true}, `is not one`},
		"path":             {&host.Options{Origins: []string{"https://a.example/"}, Anonymous: true}, `is not one`},
		"user":             {&host.Options{Origins: []string{"https://u@a.example"}, Anonymous: true}, `is not one`},
		"upper case":       {&host.Options{Origins: []string{"https://A.example"}, Anonymous: true}, `is not one`},
		"javascript":       {&host.Options{Origins: []string{"javascript://a"}, Anonymous: true}, `is not one`},
		"port of scheme":   {&host.Options{Origins: []string{"https://a.example:443"}, Anonymous: true}, `browsers leave the port out, write https://a.example`},
		"name of place":    {with(p, "A b", nil, nil), `place[A b]: not a name`},
		"no plugin":        {with(nil, "x", nil, nil), `place[x]: no plugin`},
		"grant of nothing": {with(p, "x", []abi.Capability{"gravity"}, nil), `capability "gravity" cannot be granted`},
		"props":            {with(p, "x", nil, map[string]any{"f": func() {}}), `place[x]: props: cbor: a func()`},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := host.New(c.opts)
			if h != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want an error with %q", h, err, c.want)
			}
		})
	}
}

func with(p *sandbox.Plugin, name string, grants []abi.Capability, props map[string]any) *host.Options {
	return &host.Options{Origins: []string{"https://a.example"}, Anonymous: true,
		Places: map[string]host.Place{name: {Plugin: p, Grants: grants, Props: props}}}
}

func TestHostHeader(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		o.Origins = append(o.Origins, "https://app.example", "http://dev.example:8080")
	})
	own := strings.TrimPrefix(s.origin(), "http://")
	for name, ok := range map[string]bool{
		own: true, "app.example": true, "APP.example": true, "app.example:443": true, "dev.example:8080": true,
		"evil.example": false, "app.example:80": false, "dev.example": false, "app.example.": false, "127.0.0.1": false,
	} {
		for _, path := range []string{"/vitrine/vitrine.js", "/vitrine/socket", "/page"} {
			resp, _ := s.visitor().send("GET", path, "", "Host", name)
			if got := resp.StatusCode != http.StatusMisdirectedRequest; got != ok {
				t.Errorf("%s with Host %s: %s", path, name, resp.Status)
			}
		}
	}
}

func TestProtect(t *testing.T) {
	s := newSite(t, nil)
	resp, _ := s.visitor().send("GET", "/page", "")
	csp := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'", "require-trusted-types-for 'script'",
		"trusted-types 'none'",
	} {
		if !strings.Contains(csp+";", want+";") {
			t.Errorf("the policy lacks %s: %s", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("the policy is weak: %s", csp)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(resp.Cookies()) != 1 {
		t.Error("a visitor of a page has no session")
	}
}

func TestSecureCookie(t *testing.T) {
	s := newSite(t, func(o *host.Options) { o.Origins = []string{"https://app.example"} })
	resp, _ := s.visitor().send("GET", "/page", "", "Host", "app.example")
	if c := resp.Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies of an https site are %v", c)
	}
}

func TestShellFiles(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	resp, body := v.send("GET", "/vitrine/vitrine.js", "")
	tag := resp.Header.Get("ETag")
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") || len(body) < 1000 {
		t.Fatalf("vitrine.js: %s, %s, %d bytes", resp.Status, resp.Header.Get("Content-Type"), len(body))
	}
	if resp.Header.Get("Cache-Control") != "no-cache" || v.cookie == "" {
		t.Errorf("without a hash: %v", resp.Header)
	}
	if resp, _ := v.send("GET", "/vitrine/vitrine.js", "", "If-None-Match", tag); resp.StatusCode != 304 {
		t.Errorf("unchanged: %s", resp.Status)
	}
	resp, _ = v.send("GET", "/vitrine/vitrine.js?v="+strings.Trim(tag, `W/"`), "")
	if !strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("with its hash: %v", resp.Header)
	}
	if resp, _ = v.send("GET", "/vitrine/vitrine.js?v=other", ""); strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("with another hash: %v", resp.Header)
	}
	zipped, small := v.send("GET", "/vitrine/vitrine.js", "", "Accept-Encoding", "br, gzip")
	r, err := gzip.NewReader(strings.NewReader(small))
	if err != nil || zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("with gzip: %v, %v", zipped.Header, err)
	}
	if whole, err := io.ReadAll(r); err != nil || string(whole) != body {
		t.Errorf("with gzip: %d bytes, %v, without %d", len(whole), err, len(body))
	}
	if plain, same := v.send("GET", "/vitrine/vitrine.js", "", "Accept-Encoding", "gzip;q=0"); plain.Header.Get("Content-Encoding") != "" || same != body {
		t.Errorf("without gzip: %v", plain.Header)
	}
	for _, path := range []string{"/vitrine/", "/vitrine/nothing.js", "/vitrine/..%2fembed.go", "/vitrine/%2e%2e/embed.go", "/vitrine/src/index.ts"} {
		if resp, _ := v.send("GET", path, ""); resp.StatusCode == 200 {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	v.ticket("desk")
	for path, status := range map[string]int{
		"desk/1.2.3/dot.png":          200,
		"desk/1.2.3/dot.gif":          200,
		"desk/1.2.3/a/dot.png":        200,
		"desk/1.2.3/a%2fdot.png":      200, // the same name, which the manifest lists
		"desk/1.2.3/fake.png":         415,
		"desk/1.2.3/page.html":        404,
		"desk/1.2.3/missing.png":      404,
		"desk/1.2.3/unlisted.png":     404,
		"desk/1.2.3/plugin.wasm":      404,
		"desk/1.2.3/vitrine.json":     404,
		"desk/1.2.3/..%2fdot.png":     404,
		"desk/1.2.3/%2e%2e%2fdot.png": 404,
		"desk/1.2.3/dot.png%00":       404,
		"desk/1.2.3/DOT.PNG":          404,
		"desk/1.2.4/dot.png":          404,
		"other/1.2.3/dot.png":         404,
	} {
		resp, body := v.send("GET", "/vitrine/assets/"+path, "")
		if resp.StatusCode != status {
			t.Errorf("%s: %s %s, want %d", path, resp.Status, body, status)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s can be sniffed", path)
		}
	}
	resp, _ := v.send("GET", "/vitrine/assets/desk/1.2.3/dot.png", "")
	if h := resp.Header; h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Cache-Control"), "immutable") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers of an image: %v", h)
	}
	if resp, _ := s.visitor().send("GET", "/vitrine/assets/desk/1.2.3/dot.png", ""); resp.StatusCode != 401 {
		t.Errorf("without a session: %s", resp.Status)
	}
}

func TestReports(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	if _, body := v.send("GET", "/vitrine/csp-report", ""); body != `{"reports":0}` {
		t.Errorf("before any: %s", body)
	}
	for range 200 {
		v.send("POST", "/vitrine/csp-report", "{\"csp-report\":{}}\n"+strings.Repeat("x", 100_000), "Origin", "", "Content-Type", "application/csp-report")
	}
	if _, body := v.send("GET", "/vitrine/csp-report", ""); body != `{"reports":200}` {
		t.Errorf("after 200: %s", body)
	}
	log := s.log.String()
	if n := strings.Count(log, "\n"); n != 100 || len(log) > 400_000 {
		t.Errorf("the log has %d lines, %d bytes", n, len(log))
	}
}
