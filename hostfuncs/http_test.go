package hostfuncs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// names is a resolver that answers with the next list of addresses each time.
type names struct {
	mu    sync.Mutex
	lists map[string][][]string
	asked []string
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, host)
	lists := n.lists[host]
	if len(lists) == 0 {
		return nil, errors.New("no such host")
	}
	if len(lists) > 1 {
		n.lists[host] = lists[1:]
	}
	var out []netip.Addr
	for _, s := range lists[0] {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }

// world is a server that plugins may reach under any name, and a client that finds it.
type world struct {
	t      *testing.T
	server *httptest.Server
	port   string
	client *hostfuncs.HTTPClient
	hits   atomic.Int64
}

func newWorld(t *testing.T, h http.HandlerFunc, l hostfuncs.HTTPLimits) *world {
	t.Helper()
	w := &world{t: t}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.hits.Add(1)
		h(rw, r)
	}))
	t.Cleanup(w.server.Close)
	u, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.port = u.Port()
	dns := &names{lists: map[string][][]string{"api.example.com": {{"127.0.0.1"}}, "other.example.com": {{"127.0.0.1"}}}}
	w.client = hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{Resolver: dns, InsecureAllowNetworks: loopback(), Limits: l})
	t.Cleanup(w.client.Close)
	return w
}

func (w *world) url(host, path string) string { return "http://" + host + ":" + w.port + path }

func anything(*abi.Need) abi.Code { return abi.CodeOK }

// get asks and reads everything.
func (w *world) do(req *hostfuncs.HTTPRequest) (*hostfuncs.HTTPResponse, string, error) {
	if req.Method == "" {
		req.Method = "GET"
	}
	if req.Permit == nil {
		req.Permit = anything
	}
	resp, err := w.client.Do(context.Background(), req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

func (w *world) refused(what string, want abi.Code, req *hostfuncs.HTTPRequest) {
	w.t.Helper()
	before := w.hits.Load()
	_, _, err := w.do(req)
	var refused *hostfuncs.HTTPError
	if !errors.As(err, &refused) || !errors.Is(err, want) {
		w.t.Errorf("%s: %v, want %v", what, err, want)
	}
	if n := w.hits.Load() - before; n != 0 && want == abi.CodeInvalid {
		w.t.Errorf("%s: the server saw %d requests", what, n)
	}
}

func TestHTTPRefusesAddressesAtDial(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, addr := range []string{
		"169.254.169.254", "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
		"100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"fd00::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
		"2001:db8::1", "3fff::1", "100::1", "::127.0.0.1", "5f00::1",
	} {
		dns := &names{lists: map[string][][]string{"api.example.com": {{addr}}}}
		c := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{Resolver: dns})
		_, err := c.Do(context.Background(), &hostfuncs.HTTPRequest{Method: "GET", URL: "http://api.example.com" + port, Permit: anything})
		if !errors.Is(err, abi.CodeDenied) {
			t.Errorf("%s: %v, want denied", addr, err)
		}
		c.Close()
	}
	if hits.Load() != 0 {
		t.Errorf("the server saw %d requests", hits.Load())
	}
}

// The addresses of a name are looked at anew at each dial: it does not help to have been public once.
func TestHTTPRebinding(t *testing.T) {
	dns := &names{lists: map[string][][]string{"api.example.com": {{"2606:4700::1111", "127.0.0.1"}, {"127.0.0.1"}}}}
	c := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{Resolver: dns})
	defer c.Close()
	hit := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") }))
	defer hit.Close()
	u := "http://api.example.com" + hit.URL[strings.LastIndexByte(hit.URL, ':'):]
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err := c.Do(ctx, &hostfuncs.HTTPRequest{Method: "GET", URL: u, Permit: anything})
		cancel()
		if err == nil {
			t.Fatal("the second address of the name was dialled")
		}
	}
	if len(dns.asked) != 2 {
		t.Errorf("the resolver was asked %d times, want once a dial", len(dns.asked))
	}
}

func TestHTTPRefusesURLs(t *testing.T) {
	w := newWorld(t, func(http.ResponseWriter, *http.Request) {}, hostfuncs.HTTPLimits{})
	for _, u := range []string{
		"", "/", "api.example.com", "//api.example.com/", "ftp://api.example.com/", "HTTP://api.example.com/", "http:api.example.com",
		"http://allowed@api.example.com/", "http://a:b@api.example.com/", `http://allowed\@api.example.com/`, `http://api.example.com\.evil/`,
		"http://127.1/", "http://0/", "http://0x7f000001/", "http://017700000001/", "http://2130706433/", "http://127.0.0.01/",
		"http://0x7f.1/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::1%25lo]/", "http://[::1", "http://[::1]x/",
		"http://localhost./", "http://\u2460\u2461\u2466.0.0.1/", "http://api.example.com./", "http://API.example.com/", "http://a..b/",
		"http://api.example.com:/", "http://api.example.com:080/", "http://api.example.com:99999/", "http://api.example.com:0/",
		"http://api.example.com:8o/", "http://api.example.com:+80/", "http:///x", "http://:80/", "http://a b/", "http://api.example.com/ x",
		"http://api.example.com/\r\nX: y", "http://api.example.com/#f", "http://api.example.com/%zz", "http://api%2eexample.com/",
		"http://-a.example/", "http://api.example.com\t/", "http://api.example.com/\x00", "https:/api.example.com/", "http://1.2.3.4.5/",
	} {
		w.refused(fmt.Sprintf("%q", u), abi.CodeInvalid, &hostfuncs.HTTPRequest{URL: u})
	}
	w.refused("a long URL", abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"+strings.Repeat("a", 9000))})
	for _, method := range []string{"get", "GET ", "GET\r\n", "G\x00T", " ", strings.Repeat("A", 17)} {
		w.refused(fmt.Sprintf("method %q", method), abi.CodeInvalid, &hostfuncs.HTTPRequest{Method: method, URL: w.url("api.example.com", "/")})
	}
	for name, value := range map[string]string{
		"Host": "evil", "host": "evil", "Cookie": "a=b", "Authorization": "Bearer x", "Connection": "close", "Transfer-Encoding": "chunked",
		"Content-Length": "1", "Upgrade": "h2c", "Proxy-Authorization": "x", "Accept-Encoding": "br", "X-Forwarded-For": "127.0.0.1",
		"X-HTTP-Method-Override": "DELETE", "X-Plugin-Id": "other", "Sec-Fetch-Site": "same-origin", "Te": "trailers", "Expect": "100-continue",
		"X-A": "b\r\nHost: evil", "X-B": "b\nc", "X-C": "\x00", "X D": "e", "X-E\r\nF": "g", "": "h", "X-\u00e9": "i", "X-F": "\u00e9",
	} {
		w.refused(fmt.Sprintf("header %q: %q", name, value), abi.CodeInvalid, &hostfuncs.HTTPRequest{
			URL: w.url("api.example.com", "/"), Header: []hostfuncs.HeaderField{{Name: name, Value: value}}})
	}
	for _, name := range []string{ // what servers that read a header as variables take for the same
		"X_Forwarded_For", "X_FORWARDED-FOR", "x.forwarded.host", "X_HTTP_Method_Override", "Content_Length", "Transfer_Encoding", "proxy_authorization",
		"Keep_Alive", "X_Real_IP", "X~Plugin+Id", "X_Vitrine_User", "Sec_Fetch_Site", "Accept!Encoding", "Proxy", "proxy",
	} {
		w.refused("header "+name, abi.CodeInvalid, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Header: []hostfuncs.HeaderField{{Name: name, Value: "1"}}})
	}
	many := make([]hostfuncs.HeaderField, 65)
	for i := range many {
		many[i] = hostfuncs.HeaderField{Name: "X-A", Value: "b"}
	}
	w.refused("65 header fields", abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Header: many})
	if w.hits.Load() != 0 {
		t.Errorf("the server saw %d requests", w.hits.Load())
	}
}

// What only resembles a name that plugins do not set, and what has no other reading, goes as it is.
func TestHTTPHeaderNamesThatGo(t *testing.T) {
	names := []string{"api_key", "X_Api_Key", "X-Forward", "Xforwardedfor", "Cookie_", "Hosts", "Proximity", "Section", "_", "If_Match"}
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		for _, name := range names {
			if got := r.Header[http.CanonicalHeaderKey(name)]; len(got) != 1 || got[0] != name {
				t.Errorf("%s is %q", name, got)
			}
		}
	}, hostfuncs.HTTPLimits{})
	req := &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/")}
	for _, name := range names {
		req.Header = append(req.Header, hostfuncs.HeaderField{Name: name, Value: name})
	}
	if resp, _, err := w.do(req); err != nil || resp.Status != 200 {
		t.Errorf("%v, %v", resp, err)
	}
}

// Each hop is asked for, and nothing that was for one server goes to another.
func TestHTTPRedirects(t *testing.T) {
	var w *world
	var seen []string
	w = newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprintf("%s %s %s token=%s accept=%s type=%s body=%s", r.Method, r.Host[:strings.IndexByte(r.Host, ':')], r.URL.Path,
			r.Header.Get("X-Token"), r.Header.Get("Accept"), r.Header.Get("Content-Type"), body))
		switch r.URL.Path {
		case "/here":
			http.Redirect(rw, r, "/there", http.StatusFound)
		case "/across":
			http.Redirect(rw, r, w.url("other.example.com", "/there"), http.StatusFound)
		case "/keep":
			http.Redirect(rw, r, "/there", http.StatusPermanentRedirect)
		case "/carry":
			http.Redirect(rw, r, w.url("other.example.com", "/there"), http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(rw, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(rw, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "/user":
			http.Redirect(rw, r, "http://x@other.example.com/", http.StatusFound)
		case "/file":
			rw.Header().Set("Location", "file:///etc/passwd")
			rw.WriteHeader(http.StatusFound)
		default:
			_, _ = io.WriteString(rw, "here I am")
		}
	}, hostfuncs.HTTPLimits{})
	secrets, err := hostfuncs.NewSecrets(map[string]string{"token": "sesame-sesame"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               []string
	}{
		{"GET", "/here", "", 200, []string{"GET api.example.com /here token=sesame-sesame accept=a type=t body=", "GET api.example.com /there token=sesame-sesame accept=a type=t body="}},
		{"POST", "/here", "b", 200, []string{"POST api.example.com /here token=sesame-sesame accept=a type=t body=b", "GET api.example.com /there token=sesame-sesame accept=a type= body="}},
		{"POST", "/keep", "b", 200, []string{"POST api.example.com /keep token=sesame-sesame accept=a type=t body=b", "POST api.example.com /there token=sesame-sesame accept=a type=t body=b"}},
		{"GET", "/across", "", 200, []string{"GET api.example.com /across token=sesame-sesame accept=a type=t body=", "GET other.example.com /there token= accept=a type= body="}},
		{"POST", "/carry", "b", 307, []string{"POST api.example.com /carry token=sesame-sesame accept=a type=t body=b"}},
	} {
		seen = nil
		resp, _, err := w.do(&hostfuncs.HTTPRequest{Method: c.method, URL: w.url("api.example.com", c.path), Body: []byte(c.body), Secrets: secrets, Header: []hostfuncs.HeaderField{
			{Name: "X-Token", Secret: "token"}, {Name: "Accept", Value: "a"}, {Name: "Content-Type", Value: "t"}}})
		if err != nil || resp.Status != c.status || !slices.Equal(seen, c.want) {
			t.Errorf("%s %s: %v\ngot  %q\nwant %q", c.method, c.path, err, seen, c.want)
		}
	}
	w.refused("a loop", abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/loop")})
	w.refused("a redirect inside", abi.CodeDenied, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/inside")})
	for _, path := range []string{"/user", "/file"} {
		if _, _, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", path)}); !errors.Is(err, abi.CodeInvalid) {
			t.Errorf("%s: %v", path, err)
		}
	}
	only := func(n *abi.Need) abi.Code {
		if n.Host == "api.example.com" {
			return abi.CodeOK
		}
		return abi.CodeDenied
	}
	w.refused("a hop that is not permitted", abi.CodeDenied, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/across"), Permit: only})
	if last := seen[len(seen)-1]; strings.Contains(last, "other.example.com") {
		t.Errorf("a server saw %s", last)
	}
}

func TestHTTPBoundsAnswers(t *testing.T) {
	stop := make(chan struct{})
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 32<<20)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	answer := func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(bomb.Bytes())
		case "/long":
			rw.Header().Set("Content-Length", "99999999999")
			_, _ = rw.Write(make([]byte, 100))
		case "/chunks":
			for range 1 << 20 {
				if _, err := rw.Write(make([]byte, 1024)); err != nil {
					return
				}
			}
		case "/headers":
			for i := range 101 {
				rw.Header().Set(fmt.Sprintf("X-%d", i), "v")
			}
		case "/header":
			rw.Header().Set("X-A", strings.Repeat("a", 100<<10))
		case "/drip":
			for {
				select {
				case <-stop:
					return
				case <-r.Context().Done():
					return
				case <-time.After(20 * time.Millisecond):
					_, _ = rw.Write([]byte("x"))
					_ = http.NewResponseController(rw).Flush()
				}
			}
		case "/silent":
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		}
	}
	w := newWorld(t, answer, hostfuncs.HTTPLimits{Body: 1 << 20, Time: time.Minute})
	hasty := newWorld(t, answer, hostfuncs.HTTPLimits{Body: 1 << 20, Time: 500 * time.Millisecond})
	defer close(stop)
	for _, path := range []string{"/bomb", "/long", "/chunks", "/headers", "/header"} {
		w.refused(path, abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", path)})
	}
	for _, path := range []string{"/drip", "/silent"} {
		hasty.refused(path, abi.CodeDeadline, &hostfuncs.HTTPRequest{URL: hasty.url("api.example.com", path)})
	}
	w.refused("a long body", abi.CodeLimit, &hostfuncs.HTTPRequest{Method: "POST", URL: w.url("api.example.com", "/"), Body: make([]byte, 5<<20)})
	w.refused("nobody there", abi.CodeUnavailable, &hostfuncs.HTTPRequest{URL: "http://nobody.example.com/"})
}

func TestHTTPFiltersAnswers(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Set-Cookie", "Alt-Svc", "Proxy-Authenticate", "X-Mine", "Etag"} {
			rw.Header().Set(name, "v\xff")
		}
		_, _ = io.WriteString(rw, r.Header.Get("Accept-Encoding")+"|"+r.Header.Get("User-Agent")+"|"+r.Header.Get("Cookie"))
	}, hostfuncs.HTTPLimits{})
	resp, body, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/")})
	if err != nil || body != "gzip|vitrine-plugin|" {
		t.Errorf("%v, the server saw %q", err, body)
	}
	var got []string
	for _, f := range resp.Header {
		if f.Name != "date" {
			got = append(got, f.Name+"="+f.Value)
		}
	}
	if want := []string{"content-type=text/plain; charset=utf-8", "etag=v\uFFFD", "x-mine=v\uFFFD"}; !slices.Equal(got, want) {
		t.Errorf("the plugin hears %q, want %q", got, want)
	}
}

func TestHTTPScrubsSecrets(t *testing.T) {
	const secret = `s3cr&t "value"/`
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if got != secret {
			t.Errorf("the server was sent %q", got)
		}
		rw.Header().Set("X-Echo", got)
		for i := range len(got) { // a piece a byte: a secret never comes whole
			_, _ = io.WriteString(rw, got[i:i+1])
			_ = http.NewResponseController(rw).Flush()
		}
		fmt.Fprintf(rw, " %s %q %x end", url.QueryEscape(got), got, got)
	}, hostfuncs.HTTPLimits{})
	secrets, err := hostfuncs.NewSecrets(map[string]string{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	req := hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Secrets: secrets,
		Header: []hostfuncs.HeaderField{{Name: "Authorization", Value: "Bearer ", Secret: "token"}}}
	asked := false
	req.Permit = func(n *abi.Need) abi.Code {
		asked = asked || n.Secret == "token" && n.Host == "api.example.com"
		return abi.CodeOK
	}
	resp, body, err := w.do(&req)
	if want := `[secret] [secret] "[secret]" [secret] end`; err != nil || body != want || !asked {
		t.Errorf("%v, asked %v, the plugin reads %q, want %q", err, asked, body, want)
	}
	for _, f := range resp.Header {
		if strings.Contains(f.Value, secret) {
			t.Errorf("the plugin hears %s: %s", f.Name, f.Value)
		}
	}
	req.Permit = func(n *abi.Need) abi.Code {
		if n.Secret != "" {
			return abi.CodeDenied
		}
		return abi.CodeOK
	}
	w.refused("a secret for another host", abi.CodeDenied, &req)
	req.Permit, req.Header[0].Secret = nil, "other"
	w.refused("a secret that is not there", abi.CodeNotFound, &req)
	if s := fmt.Sprintf("%v %+v %#v %s", secrets, secrets, secrets, secrets); strings.Contains(s, "s3cr") {
		t.Errorf("printing shows %s", s)
	}
	for _, bad := range []string{"short", "line\nbreak-in-it", strings.Repeat("x", 9000)} {
		if _, err := hostfuncs.NewSecrets(map[string]string{"a": bad}); !errors.Is(err, hostfuncs.ErrSecret) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestHTTPShares(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{}, 8)
	w := newWorld(t, func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-release }, hostfuncs.HTTPLimits{Busy: 2, BusyInAll: 3, Rate: 1, Burst: 5})
	began := time.Now()
	var wg sync.WaitGroup
	for _, who := range []string{"a", "a", "b"} {
		wg.Go(func() {
			if _, _, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Who: who}); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		})
		<-entered
	}
	w.refused("a third of a", abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Who: "a"})
	w.refused("a fourth of all", abi.CodeLimit, &hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Who: "c"})
	close(release)
	wg.Wait()
	for range 3 {
		if _, _, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Who: "a"}); err != nil {
			t.Errorf("within the burst: %v", err)
		}
	}
	for more := 0; ; more++ { // beyond it one a second
		_, _, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/"), Who: "a"})
		if errors.Is(err, abi.CodeLimit) {
			break
		}
		if err != nil || more > int(time.Since(began)/time.Second) {
			t.Fatalf("%d more than five after %v: %v", more+1, time.Since(began), err)
		}
	}
}

func TestHTTPUsesConnectionsAgain(t *testing.T) {
	var mu sync.Mutex
	from := map[string]bool{}
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.RemoteAddr] = true
		mu.Unlock()
		_, _ = rw.Write(bytes.Repeat([]byte("x"), 10000))
	}, hostfuncs.HTTPLimits{})
	for range 20 {
		if _, _, err := w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", "/")}); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 1 {
		t.Errorf("20 requests came over %d connections", len(from))
	}
}

func ExampleHTTPClient_Do() {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, "sunny") }))
	defer server.Close()
	client := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{InsecureAllowNetworks: loopback()})
	defer client.Close()
	resp, err := client.Do(context.Background(), &hostfuncs.HTTPRequest{
		Method: "GET", URL: server.URL + "/today", Who: "weather",
		Permit: func(n *abi.Need) abi.Code { fmt.Println(n.Method, n.Host); return abi.CodeOK },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(body), err)
	// Output:
	// GET 127.0.0.1
	// 200 sunny <nil>
}
