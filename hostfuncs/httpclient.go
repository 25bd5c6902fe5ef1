package hostfuncs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// HTTPOptions say how plugins reach servers. The zero value reaches servers of the public internet, with
// limits for a host of a few hundred plugins.
type HTTPOptions struct {
	Resolver Resolver       // nil: net.DefaultResolver
	RootCAs  *x509.CertPool // nil: the system's
	Limits   HTTPLimits     // zero fields mean the defaults

	// InsecureAllowNetworks are networks that plugins may reach though they are not of the public
	// internet, such as a company's own. A permission for the host is needed all the same.
	InsecureAllowNetworks []netip.Prefix
	// InsecureDial says where servers are, by host and port, that are not looked up: such as a demonstration's own,
	// "api.example.com:80" at "127.0.0.1:41234". A permission for the host is needed all the same.
	InsecureDial map[string]string
}

// HTTPLimits bound the requests of plugins.
type HTTPLimits struct {
	Time      time.Duration // of a request that is not streamed, redirects and answer included, default 30 s
	Stream    time.Duration // of one that is, default 10 min
	Idle      time.Duration // between two pieces of a streamed answer, default 30 s
	Body      int64         // bytes of an answer, unpacked, default 8 MiB
	Streamed  int64         // bytes of a streamed answer, unpacked, default 256 MiB
	Request   int64         // bytes of a request's body, default 4 MiB
	Header    int64         // bytes of an answer's header, default 64 KiB
	Fields    int           // header fields of an answer, default 100
	Redirects int           // that are followed, default 5
	Rate      int           // requests a second of one install, default 20
	Burst     int           // requests of one install at once before that, default 100
	Busy      int           // requests of one install at a time, default 16
	BusyInAll int           // requests of all installs at a time, default 512
}

func (l HTTPLimits) orDefaults() HTTPLimits {
	return HTTPLimits{
		Time:      positive(l.Time, 30*time.Second),
		Stream:    positive(l.Stream, 10*time.Minute),
		Idle:      positive(l.Idle, 30*time.Second),
		Body:      positive(l.Body, 8<<20),
		Streamed:  positive(l.Streamed, 256<<20),
		Request:   positive(l.Request, 4<<20),
		Header:    positive(l.Header, 64<<10),
		Fields:    positive(l.Fields, 100),
		Redirects: positive(l.Redirects, 5),
		Rate:      positive(l.Rate, 20),
		Burst:     positive(l.Burst, 100),
		Busy:      positive(l.Busy, 16),
		BusyInAll: positive(l.BusyInAll, 512),
	}
}

func positive[T cmp.Ordered](v, fallback T) T {
	var zero T
	if v > zero {
		return v
	}
	return fallback
}

// HTTPClient asks servers for plugins. Connections are kept and used again; each address was looked at
// when it was dialled. It is safe for concurrent use. Whoever made it closes it.
type HTTPClient struct {
	transport *http.Transport
	limits    HTTPLimits
	shares    *shares
}

// NewHTTPClient returns a client; nil is the zero HTTPOptions.
func NewHTTPClient(opts *HTTPOptions) *HTTPClient {
	var o HTTPOptions
	if opts != nil {
		o = *opts
	}
	l := o.Limits.orDefaults()
	var http1 http.Protocols // alone: over HTTP/2 a server can send without end what nobody waits for
	http1.SetHTTP1(true)
	return &HTTPClient{
		limits: l, shares: newShares(l.Rate, l.Burst, l.Busy, l.BusyInAll),
		transport: &http.Transport{
			Proxy:       nil, // one from the environment would be dialled in place of what was checked
			DialContext: newDialer(&o).dial,
			TLSClientConfig: &tls.Config{
				RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(64),
			},
			TLSHandshakeTimeout: dialTime, ExpectContinueTimeout: time.Second,
			MaxResponseHeaderBytes: l.Header, MaxIdleConns: 128, MaxIdleConnsPerHost: 16, MaxConnsPerHost: l.BusyInAll,
			IdleConnTimeout: 90 * time.Second, Protocols: &http1,
		},
	}
}

// Close closes the connections that nobody uses.
func (c *HTTPClient) Close() { c.transport.CloseIdleConnections() }

// HTTPRequest is what a plugin asks a server.
type HTTPRequest struct {
	Method, URL string
	Header      []HeaderField
	Body        []byte        // the client keeps it until the answer is over
	Stream      bool          // the answer is read piece by piece: the wider limits of a stream hold
	Timeout     time.Duration // shorter than the client's own limit; 0: that

	at        *target // URL, if it has been read before
	permitted bool    // the first hop has been asked for, without its secrets

	// Who asks, for its share of the client: an opaque name, such as Subject.Key.
	Who string
	// Permit is asked before each hop. It must be there.
	Permit func(*abi.Need) abi.Code
	// Secrets are the values that a HeaderField can name.
	Secrets *Secrets
}

// HTTPResponse is a server's answer. Body ends with an *HTTPError if the answer is longer or slower than
// it may be. Whoever has it closes Body.
type HTTPResponse struct {
	Status int
	URL    string // of the last hop
	Header []HeaderField
	Body   io.ReadCloser

	length int64 // what the server says of Body, -1 if it does not
}

// Do makes a request, as far as it is permitted, and follows redirects. Every error is an *HTTPError.
// The answer is cut off when ctx ends.
func (c *HTTPClient) Do(ctx context.Context, req *HTTPRequest) (*HTTPResponse, error) {
	x := &exchange{client: c, req: req, method: req.Method, body: req.Body, asked: req.permitted}
	if err := x.prepare(); err != nil {
		return nil, err
	}
	leave := c.shares.enter(req.Who)
	if leave == nil {
		return nil, refuse(abi.CodeLimit, "too many requests")
	}
	ctx, cancel := c.within(ctx, req)
	done := leave
	if cancel != nil {
		done = func() { cancel(); leave() }
	}
	if req.Stream { // what may take long begins as soon as what may not
		head, late := context.WithCancelCause(ctx)
		defer time.AfterFunc(c.limits.Time, func() { late(errLate) }).Stop()
		ctx, done = head, func() { late(nil); cancel(); leave() }
	}
	resp, err := x.run(ctx)
	if err != nil {
		err = ended(ctx, err)
		done()
		return nil, err
	}
	out, err := x.answer(ctx, resp, done)
	if err != nil {
		_ = resp.Body.Close() // the first error is the answer
		done()
	}
	return out, err
}

// within gives ctx the time that req has. Most calls of plugins have less, and need no timer for it: then cancel is nil.
func (c *HTTPClient) within(ctx context.Context, req *HTTPRequest) (_ context.Context, cancel context.CancelFunc) {
	limit := c.limits.Time
	if req.Stream {
		limit = c.limits.Stream
	}
	if req.Timeout > 0 {
		limit = min(limit, req.Timeout)
	}
	if end, ok := ctx.Deadline(); ok && !req.Stream && time.Until(end) <= limit {
		return ctx, nil
	}
	return context.WithTimeout(ctx, limit)
}

// exchange is one request with all its hops.
type exchange struct {
	client *HTTPClient
	req    *HTTPRequest
	sealed sealed
	at     *target
	method string
	header http.Header
	body   []byte
	asked  bool // the hop that comes next is permitted, but for its secrets
}

// prepare checks everything that can be checked without the network.
func (x *exchange) prepare() (err error) {
	if int64(len(x.body)) > x.client.limits.Request {
		return refuse(abi.CodeLimit, "the body has more than %d bytes", x.client.limits.Request)
	}
	if x.at = x.req.at; x.at == nil {
		if x.at, err = parseTarget(x.req.URL); err != nil {
			return err
		}
	}
	if !isToken(x.method) || x.method != strings.ToUpper(x.method) || len(x.method) > 16 {
		return refuse(abi.CodeInvalid, "%+.20q is not a method", x.method)
	}
	if x.sealed, err = x.req.Secrets.open(x.req.Header); err != nil {
		return err
	}
	x.header, err = x.sealed.header(x.req.Header)
	return err
}

// permit asks for the hop that comes next: for itself, and for each secret that it carries.
func (x *exchange) permit() error {
	if x.asked && x.sealed.values == nil {
		x.asked = false
		return nil
	}
	need := abi.Need{Capability: abi.CapHTTP, Method: x.method, Host: x.at.host, Port: x.at.port, Plain: x.at.plain}
	code := abi.CodeOK
	if !x.asked {
		code = x.req.Permit(&need)
	}
	x.asked = false
	for name := range x.sealed.values {
		if code == abi.CodeOK {
			need.Secret = name
			code = x.req.Permit(&need)
		}
	}
	if code != abi.CodeOK {
		return refuse(code, "%s to %s is not permitted", x.method, x.at.address())
	}
	return nil
}

// run goes from hop to hop.
func (x *exchange) run(ctx context.Context) (*http.Response, error) {
	for hops := 0; ; hops++ {
		if err := x.permit(); err != nil {
			return nil, err
		}
		resp, err := x.client.transport.RoundTrip(x.hop(ctx))
		if err != nil {
			return nil, err
		}
		follow, err := x.redirect(resp)
		if err == nil && follow && hops >= x.client.limits.Redirects {
			err = refuse(abi.CodeLimit, "more than %d redirects", x.client.limits.Redirects)
		}
		if err == nil && !follow {
			return resp, nil
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 2<<10) // so that the connection can be used again
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
	}
}

func (x *exchange) hop(ctx context.Context) *http.Request {
	r := (&http.Request{
		Method: x.method, URL: x.at.url, Host: x.at.url.Host, Header: x.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if len(x.body) > 0 {
		body := x.body
		r.ContentLength = int64(len(body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return r
}

// redirect makes x the hop that an answer leads to, and false if it leads nowhere. One that would carry
// a body to another server is not followed: the plugin gets it as the answer and can decide.
func (x *exchange) redirect(resp *http.Response) (bool, error) {
	method, body := x.method, x.body
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if method != http.MethodGet && method != http.MethodHead {
			method, body = http.MethodGet, nil
		}
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return false, nil
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return false, nil
	}
	u, err := x.at.url.Parse(location)
	if err != nil {
		return false, refuse(abi.CodeInvalid, "the server redirects to what is no URL")
	}
	u.Fragment, u.RawFragment = "", ""
	next, err := parseTarget(u.String())
	switch {
	case err != nil: // without its words, which are the server's
		return false, refuse(codeOf(err), "the server redirects to an address that is not accepted")
	case next.plain && !x.at.plain:
		return false, refuse(abi.CodeDenied, "the server redirects from https to http")
	case next.sameOrigin(x.at):
	case method != http.MethodGet && method != http.MethodHead:
		return false, nil
	case x.sealed.has(next.raw):
		return false, refuse(abi.CodeDenied, "the server redirects with a secret to another one")
	default:
		x.crossOver()
	}
	if body == nil && x.header.Get("Content-Type") != "" {
		x.header.Del("Content-Type")
	}
	x.at, x.method, x.body = next, method, body
	return true, nil
}

// crossOver leaves behind what was for one server only.
func (x *exchange) crossOver() {
	kept := http.Header{}
	for _, name := range acrossServers {
		if v := x.header.Values(name); len(v) > 0 && !x.sealed.names[name] {
			kept[name] = v
		}
	}
	x.header = kept
	x.sealed.values = nil // what was sent is still scrubbed from what comes
}

var errLate = &HTTPError{Code: abi.CodeDeadline, Reason: "the server took too long"}

// ended gives what a request ended with its code.
func ended(ctx context.Context, err error) error {
	var known *HTTPError
	var late net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errAddress):
		return &HTTPError{abi.CodeDenied, "the host's address is not on the public internet", err}
	case errors.Is(ctx.Err(), context.DeadlineExceeded), ctx.Err() == nil && errors.As(err, &late) && late.Timeout():
		return &HTTPError{abi.CodeDeadline, "the server took too long", err}
	case ctx.Err() != nil:
		return &HTTPError{abi.CodeCanceled, "called off", err}
	case hasAny(err.Error(), "server response headers exceeded", "suspiciously long trailer", "too much non-data", "header line too long"):
		return &HTTPError{abi.CodeLimit, "the answer is too long beside its body", err} // net/http has no type for it
	}
	return &HTTPError{abi.CodeUnavailable, "the server cannot be reached", err}
}

func hasAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}
