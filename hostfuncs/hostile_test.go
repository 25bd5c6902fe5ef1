package hostfuncs_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// hostileServer answers whatever it is asked with first, and then with rest until the client has had enough.
type hostileServer struct {
	*world
	first, rest string
	sent        atomic.Int64 // bytes that could be sent
	conns       atomic.Int64
	gone        chan struct{} // a value for each connection that is over
}

func newHostileServer(t *testing.T, first, rest string, time time.Duration) *hostileServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &hostileServer{first: first, rest: rest, gone: make(chan struct{}, 100), world: &world{t: t, port: port}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(conn) })
		}
	})
	dns := &names{lists: map[string][][]string{"api.example.com": {{"127.0.0.1"}}, "other.example.com": {{"127.0.0.1"}}}}
	s.client = hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{
		Resolver: dns, InsecureAllowNetworks: loopback(), Limits: hostfuncs.HTTPLimits{Body: 64 << 10, Time: time},
	})
	t.Cleanup(func() {
		s.client.Close()
		_ = listener.Close() // ends Accept
		all.Wait()
	})
	return s
}

// serve answers each request of a connection: one is what comes in one piece.
func (s *hostileServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close(); s.gone <- struct{}{} }()
	s.conns.Add(1)
	more := []byte(strings.Repeat(s.rest, 1+(16<<10)/max(len(s.rest), 1)))
	for buf := make([]byte, 64<<10); ; {
		if _, err := conn.Read(buf); err != nil {
			return
		}
		if _, err := io.WriteString(conn, s.first); err != nil {
			return
		}
		for s.rest != "" {
			n, err := conn.Write(more)
			if s.sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
}

// patience is how long a request may take: much longer than any needs.
const patience = 5 * time.Minute

const okay = "HTTP/1.1 200 OK\r\n"

// The server says something without an end where a client listens without being asked to: each ends with an error at once,
// long before its time is up, and with the connection.
func TestHostileAnswersWithoutEnd(t *testing.T) {
	for name, c := range map[string]struct {
		first, rest string
		want        abi.Code
	}{
		"1xx answers":            {"", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", abi.CodeLimit},
		"100 Continue":           {"", "HTTP/1.1 100 Continue\r\n\r\n", abi.CodeLimit},
		"status line":            {"HTTP/1.1 200 ", "O", abi.CodeLimit},
		"header fields":          {okay, "X-A: b\r\n", abi.CodeLimit},
		"header field":           {okay + "X-A: ", "b", abi.CodeLimit},
		"folded header field":    {okay + "X-A: b\r\n", " b\r\n", abi.CodeLimit},
		"fields without a value": {okay, "A:\r\n", abi.CodeLimit},
		"chunk extension":        {okay + "Transfer-Encoding: chunked\r\n\r\n1;a=", "b", abi.CodeLimit},
		"chunk extensions":       {okay + "Transfer-Encoding: chunked\r\n\r\n", "1;a=" + strings.Repeat("b", 1000) + "\r\nx\r\n", abi.CodeLimit},
		"zeros before a size":    {okay + "Transfer-Encoding: chunked\r\n\r\n", "0", abi.CodeLimit},
		"chunks of a byte":       {okay + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", abi.CodeLimit},
		"trailer fields":         {okay + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", "X-A: b\r\n", abi.CodeLimit},
		"trailer field":          {okay + "Transfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n0\r\nX-A: ", "b", abi.CodeLimit},
		"body without a length":  {okay + "\r\n", "x", abi.CodeLimit},
		"redirects with a body":  {"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n", "x", abi.CodeLimit},
	} {
		t.Run(name, func(t *testing.T) {
			s := newHostileServer(t, c.first, c.rest, patience)
			began := time.Now()
			s.refused(name, c.want, &hostfuncs.HTTPRequest{URL: s.url("api.example.com", "/")})
			select {
			case <-s.gone:
			case <-time.After(patience):
				t.Error("the connection is kept")
			}
			if took := time.Since(began); took > patience/2 {
				t.Errorf("it took %v", took)
			}
			// What was sent is in the kernel's buffers, too: those of a connection, of which each redirect has one.
			if n, conns := s.sent.Load(), s.conns.Load(); n > conns*(64<<20) {
				t.Errorf("the server could send %d MB over %d connections", n>>20, conns)
			}
		})
	}
}

// Two lengths are how a request is smuggled: the plugin gets one answer, and what is behind it is nobody's.
func TestHostileContentLengthTogetherWithTransferEncoding(t *testing.T) {
	const chunked = "5\r\nhello\r\n0\r\n\r\n"
	const smuggled = okay + "Content-Length: 4\r\n\r\nevil"
	for name, fields := range map[string]string{
		"length first": fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", len(chunked)+len(smuggled)),
		"length last":  "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
	} {
		s := newHostileServer(t, okay+fields+"\r\n"+chunked+smuggled, "", patience)
		for _, host := range []string{"api.example.com", "other.example.com"} {
			resp, body, err := s.do(&hostfuncs.HTTPRequest{URL: s.url(host, "/")})
			if err != nil || body != "hello" || len(resp.Header) != 0 {
				t.Errorf("%s: %s: %v, %q, %v", name, host, resp, body, err)
			}
		}
	}
	for name, answer := range map[string]string{
		"two lengths":           okay + "Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
		"a length with a sign":  okay + "Content-Length: +5\r\n\r\nhello",
		"a negative length":     okay + "Content-Length: -1\r\n\r\nhello",
		"another encoding":      okay + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked,
		"chunked twice":         okay + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
		"a size that overflows": okay + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
	} {
		s := newHostileServer(t, answer, "", patience)
		s.refused(name, abi.CodeUnavailable, &hostfuncs.HTTPRequest{URL: s.url("api.example.com", "/")})
	}
}

// HTTP/2 is off: a server cannot keep the host busy with frames that nobody waits for.
func TestHostileHTTP2(t *testing.T) {
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for name, rest := range map[string]string{
		"rapid reset":        "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08",
		"CONTINUATION flood": "\x00\x00\x04\x09\x00\x00\x00\x00\x01\x00\x01a\x00",
		"PING flood":         "\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678",
		"SETTINGS flood":     settings,
	} {
		s := newHostileServer(t, settings, rest, patience)
		s.refused(name, abi.CodeLimit, &hostfuncs.HTTPRequest{URL: s.url("api.example.com", "/")})
		<-s.gone
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	client := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{
		Resolver: &names{lists: map[string][][]string{"example.com": {{"127.0.0.1"}}}}, RootCAs: roots, InsecureAllowNetworks: loopback(),
	})
	defer client.Close()
	w := &world{t: t, client: client, port: port}
	if _, body, err := w.do(&hostfuncs.HTTPRequest{URL: "https://example.com:" + port + "/"}); err != nil || body != "HTTP/1.1" {
		t.Errorf("a server that offers HTTP/2 is asked in %q, %v", body, err)
	}
}

// A stream may take long, its head may not.
func TestHostileStreamThatNeverBegins(t *testing.T) {
	s := newHostileServer(t, "HTTP/1.1 200 OK\r\nX-A: ", "", 100*time.Millisecond)
	began := time.Now()
	s.refused("a stream", abi.CodeDeadline, &hostfuncs.HTTPRequest{URL: s.url("api.example.com", "/"), Stream: true})
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}
