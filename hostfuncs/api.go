package hostfuncs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// APIOptions say where the host application's own API is. Upstream must be there.
type APIOptions struct {
	Upstream  string            // such as "http://127.0.0.1:9000", with a path before that of requests or without
	Transport http.RoundTripper // nil: a transport of its own
	// Authorize adds what the application wants to see of a request that comes from a plugin, such as a
	// token for the person. What it returns an error for is refused with CodeDenied. Nil adds nothing.
	// What it and the transport add is struck out of the answer, in whatever spelling, but for values of less than MinSecret bytes
	// and the fields of Public. A request with so short an Authorization, or password in Upstream, is not made.
	Authorize func(r *http.Request, who *Subject) error
	Public    []string  // header fields that plugins may hear of though they have not sent them, such as "X-Request-Id"
	Limits    APILimits // zero fields mean the defaults
}

// APILimits bound the requests of plugins to the application.
type APILimits struct {
	Time      time.Duration // of a request, default 10 s
	Body      int64         // bytes of an answer, default 8 MiB
	Request   int64         // bytes of a request's body, default 1 MiB
	Rate      int           // requests a second of one install, default 50
	Burst     int           // requests of one install at once before that, default 100
	Busy      int           // requests of one install at a time, default 8
	BusyInAll int           // requests of all installs at a time, default 256
}

// API forwards requests of plugins to the host application. It is safe for concurrent use. Whoever made
// it closes it.
type API struct {
	base      *url.URL
	transport http.RoundTripper
	authorize func(*http.Request, *Subject) error
	public    []string
	limits    APILimits
	shares    *shares
}

// NewAPI returns an API, or an error if Upstream is not an http or https URL.
func NewAPI(opts *APIOptions) (*API, error) {
	u, err := url.Parse(opts.Upstream)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("hostfuncs: upstream %q is not an address such as %q", opts.Upstream, "http://127.0.0.1:9000")
	}
	o := opts.Limits
	l := APILimits{
		Time: positive(o.Time, 10*time.Second), Body: positive(o.Body, 8<<20), Request: positive(o.Request, 1<<20),
		Rate: positive(o.Rate, 50), Burst: positive(o.Burst, 100), Busy: positive(o.Busy, 8), BusyInAll: positive(o.BusyInAll, 256),
	}
	a := &API{base: u, transport: opts.Transport, authorize: opts.Authorize, public: slices.Clone(opts.Public), limits: l, shares: newShares(l.Rate, l.Burst, l.Busy, l.BusyInAll)}
	if a.transport == nil {
		a.transport = &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 64 << 10}
	}
	return a, nil
}

// Close closes the connections that nobody uses.
func (a *API) Close() {
	if t, ok := a.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// apiRequest is vitrine:api.request, which calls the host application and waits.
//
// Parameters: the address and the length of an api-request. Result: the length of an http-response, which
// core.take fetches; CodeInvalid if the bytes are not in memory or not such a request, or the path can be
// read in two ways (abi.CheckPath); CodeDenied; CodeLimit if the request or the answer is too long or there are
// too many; CodeDeadline; CodeUnavailable; CodeUnsupported.
func apiRequest(e *Env, c *runtime.Caller, args []uint64) int64 {
	call, code := e.apiArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) { return e.services.API.do(ctx, call, &e.subject) })
}

// apiStart is vitrine:api.start, which calls the host application and does not wait.
//
// Parameters and codes: as for apiRequest. Result: a ticket above 0; to it comes ["answer", ticket,
// http-response] or ["error", ticket, code].
func apiStart(e *Env, c *runtime.Caller, args []uint64) int64 {
	call, code := e.apiArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.ticket(abi.CapAPI, &call.need, func(ctx context.Context, _ teller) ([]byte, error) {
		return e.services.API.do(ctx, call, &e.subject)
	})
}

// apiCall is a request as a guest makes it.
type apiCall struct {
	need   abi.Need // with method and path
	query  string
	header http.Header
	body   []byte
}

func (e *Env) apiArgs(c *runtime.Caller, args []uint64) (*apiCall, abi.Code) {
	b, ok := view(c, args)
	switch {
	case !ok:
		return nil, abi.CodeInvalid
	case e.services.API == nil:
		return nil, abi.CodeUnsupported
	case int64(len(b)) > e.services.API.limits.Request+kvRoom:
		return nil, abi.CodeLimit
	}
	call, ok := parseAPICall(b)
	if !ok {
		return nil, abi.CodeInvalid
	}
	return call, e.permitted(&call.need)
}

// What a plugin says to the application besides method, path and body.
var apiHeaders = map[string]bool{
	"Accept": true, "Accept-Language": true, "Content-Type": true, "If-Match": true, "If-None-Match": true, "Idempotency-Key": true,
}

// parseAPICall reads an api-request.
func parseAPICall(b []byte) (*apiCall, bool) {
	call := &apiCall{need: abi.Need{Capability: abi.CapAPI, Method: "GET"}, header: http.Header{}}
	ok := record(b, func(key string, r *cbor.Reader) bool {
		switch key {
		case "path":
			call.need.Path, call.query, _ = strings.Cut(string(r.Text()), "?")
		case "method":
			call.need.Method = string(r.Text())
		case "body":
			call.body = bytes.Clone(r.Bytes())
		case "headers":
			for _, f := range parseHeaderFields(r) {
				name := http.CanonicalHeaderKey(f.Name)
				if !apiHeaders[name] || f.Secret != "" || !isFieldValue(f.Value) || len(f.Value) > 1024 || call.header[name] != nil {
					return false
				}
				call.header.Set(name, f.Value)
			}
		default:
			return false
		}
		return true
	})
	return call, ok && abi.CheckPath(call.need.Path) == nil && plainQuery(call.query) && slices.Contains(abi.Methods(), call.need.Method)
}

const (
	maxQuery  = 4 << 10 // bytes
	maxParams = 64
)

// plainQuery reports whether a query has parameters that every server reads the same way.
func plainQuery(q string) bool {
	if len(q) > maxQuery || strings.Count(q, "&") >= maxParams {
		return false
	}
	for i := 0; i < len(q); i++ {
		switch c := q[i]; {
		case c == '%':
			const hex = "0123456789ABCDEF"
			if i+2 >= len(q) || strings.IndexByte(hex[2:], q[i+1]) < 0 || strings.IndexByte(hex, q[i+2]) < 0 || q[i+1:i+3] == "7F" {
				return false // also for control characters
			}
		case c <= ' ' || c >= 0x7f || strings.IndexByte("#;\\\"<>^`{|}[]", c) >= 0:
			return false
		}
	}
	return true
}

// request is what the application sees: the path exactly as it was asked for, and who it comes from. own is its header without
// what Authorize adds.
func (a *API) request(ctx context.Context, call *apiCall, who *Subject) (r *http.Request, own http.Header, err error) {
	u := *a.base
	escaped := strings.TrimSuffix(a.base.EscapedPath(), "/") + call.need.Path
	if u.Path, err = url.PathUnescape(escaped); err != nil {
		return nil, nil, err
	}
	u.RawPath, u.RawQuery = escaped, call.query
	if u.EscapedPath() != escaped {
		return nil, nil, fmt.Errorf("hostfuncs: path %q would be sent as %q", escaped, u.EscapedPath())
	}
	var body io.Reader
	if len(call.body) > 0 {
		body = bytes.NewReader(call.body)
	}
	if r, err = http.NewRequestWithContext(ctx, call.need.Method, u.String(), body); err != nil {
		return nil, nil, err
	}
	if u := r.URL; u.EscapedPath() != escaped || u.RawQuery != call.query {
		return nil, nil, fmt.Errorf("hostfuncs: path %q would be sent as %q", escaped, u.RequestURI())
	}
	r.Header = call.header.Clone()
	stamp(r.Header, who)
	own = r.Header.Clone()
	if a.authorize != nil {
		if err := a.authorize(r, who); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", abi.CodeDenied, err)
		}
	}
	if err := checkCredentials(r, own, a.public); err != nil {
		return nil, nil, err
	}
	return r, own, nil
}

// The header fields that say for whom a plugin asks.
const (
	HeaderPlugin  = "X-Plugin-Id"
	HeaderInstall = "X-Vitrine-Install"
	HeaderTenant  = "X-Vitrine-Tenant"
	HeaderUser    = "X-Vitrine-User"
)

// stamp says for whom a plugin asks. Names that do not fit a header are escaped as in a path.
func stamp(h http.Header, who *Subject) {
	h.Set("User-Agent", "vitrine")
	for name, v := range map[string]string{HeaderPlugin: who.Plugin, HeaderInstall: who.Install, HeaderTenant: who.Tenant, HeaderUser: who.User} {
		if h.Del(name); v != "" {
			h.Set(name, url.PathEscape(v))
		}
	}
}

// do forwards a request. Redirects are the plugin's to judge: none is followed.
func (a *API) do(ctx context.Context, call *apiCall, who *Subject) ([]byte, error) {
	if int64(len(call.body)) > a.limits.Request {
		return nil, refuse(abi.CodeLimit, "the body has more than %d bytes", a.limits.Request)
	}
	leave := a.shares.enter(who.Key())
	if leave == nil {
		return nil, refuse(abi.CodeLimit, "too many requests")
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, a.limits.Time)
	defer cancel()
	r, own, err := a.request(ctx, call, who)
	if err != nil {
		return nil, err
	}
	resp, err := a.transport.RoundTrip(r)
	if err != nil {
		return nil, ended(ctx, err)
	}
	body := &answerBody{ctx: ctx, body: resp.Body, left: a.limits.Body, most: a.limits.Body, done: func() {}}
	defer body.Close() // what was read is read
	fields, err := answerHeader(resp.Header, maxRequestHeaders)
	if err != nil {
		return nil, err
	}
	out := &HTTPResponse{Status: resp.StatusCode, URL: call.need.Path, Header: fields, Body: body, length: min(resp.ContentLength, a.limits.Body)}
	if added := credentials(own, call.query, a.public, r, resp.Request); added.hides() {
		if packed(resp, call.need.Method) {
			return nil, refuse(abi.CodeUnsupported, "the answer is packed so that credentials cannot be struck out of it")
		}
		added.scrubFields(fields)
		out.Body = &scrubbed{from: body, sealed: added}
	}
	return out.encode(new([]byte))
}
