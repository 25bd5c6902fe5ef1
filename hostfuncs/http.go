package hostfuncs

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// httpRequest is vitrine:http.request, which asks a server and waits for its answer.
//
// Parameters: the address and the length of an http-request. Result: the length of an http-response,
// which core.take fetches; CodeInvalid if the bytes are not in memory or not such a request;
// CodeDenied, also for an address that is not of the public internet and for a redirect to what is not
// permitted; CodeLimit if the request or the answer is too long, or there are too many; CodeNotFound if there is no
// such secret; CodeDeadline; CodeUnavailable if the server cannot be reached; CodeUnsupported.
func httpRequest(e *Env, c *runtime.Caller, args []uint64) int64 {
	req, code := e.httpArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	if req.Stream {
		return int64(abi.CodeInvalid) // a stream comes as messages
	}
	e.hop = req.hop.Load
	defer func() { e.hop = nil }()
	room := rooms.Get().(*[]byte)
	n := e.wait(c, func(ctx context.Context, _ teller) ([]byte, error) { return e.services.HTTP.whole(ctx, req, room) })
	if n < 0 {
		rooms.Put(room)
	} else {
		e.lent = room
	}
	return n
}

// httpStart is vitrine:http.start, which asks a server and does not wait.
//
// Parameters: as for httpRequest. Result: a ticket above 0, or a code as there. What comes to the ticket is
// ["answer", ticket, http-response]; or, if the request says stream, ["head", ticket, http-response
// without body], any number of ["chunk", ticket, bytes], and ["answer", ticket, null]; or, at any time
// and then last, ["error", ticket, code].
func httpStart(e *Env, c *runtime.Caller, args []uint64) int64 {
	req, code := e.httpArgs(c, args)
	if code != abi.CodeOK {
		return int64(code)
	}
	return e.ticketOf(abi.CapHTTP, req.hop.Load, func(ctx context.Context, tell teller) ([]byte, error) {
		if !req.Stream {
			return e.services.HTTP.whole(ctx, req, new([]byte))
		}
		return e.services.HTTP.pieces(ctx, req, tell)
	})
}

// httpArgs reads a request and asks whether its first hop is permitted.
func (e *Env) httpArgs(c *runtime.Caller, args []uint64) (*httpCall, abi.Code) {
	b, ok := view(c, args)
	switch {
	case !ok:
		return nil, abi.CodeInvalid
	case e.services.HTTP == nil:
		return nil, abi.CodeUnsupported
	case int64(len(b)) > e.services.HTTP.limits.Request+maxURL+maxRequestHeaders*maxRequestHeader:
		return nil, abi.CodeLimit
	}
	req, ok := parseHTTPRequest(b)
	if !ok {
		return nil, abi.CodeInvalid
	}
	at := e.target
	if at == nil || at.raw != req.URL { // who asks again tends to ask the same
		var err error
		if at, err = parseTarget(req.URL); err != nil {
			return nil, e.codeOf(err)
		}
		e.target = at
	}
	req.at = at
	req.need = abi.Need{Capability: abi.CapHTTP, Method: req.Method, Host: at.host, Port: at.port, Plain: at.plain}
	if code := e.permitted(&req.need); code != abi.CodeOK {
		return nil, code
	}
	req.hop.Store(&req.need)
	req.Who, req.Permit, req.Secrets, req.permitted = e.key, req.permit(e.gate), e.secrets, true
	return req, abi.CodeOK
}

// httpCall is a request as a guest makes it.
type httpCall struct {
	HTTPRequest
	need abi.Need                 // of the first hop
	hop  atomic.Pointer[abi.Need] // what it was permitted last: who loses that loses the answer
}

// permit asks the gate and keeps what was permitted.
func (call *httpCall) permit(g Gate) func(*abi.Need) abi.Code {
	return func(need *abi.Need) abi.Code {
		code := g.Permit(need)
		if code == abi.CodeOK {
			kept := *need
			call.hop.Store(&kept)
		}
		return code
	}
}

// parseHTTPRequest reads an http-request. What it keeps is its own.
func parseHTTPRequest(b []byte) (*httpCall, bool) {
	req := &httpCall{HTTPRequest: HTTPRequest{Method: "GET"}}
	ok := record(b, func(key string, r *cbor.Reader) bool {
		switch key {
		case "url":
			req.URL = string(r.Text())
		case "method":
			req.Method = string(r.Text())
		case "body":
			req.Body = bytes.Clone(r.Bytes())
		case "stream":
			req.Stream = r.Bool()
		case "timeout":
			req.Timeout = time.Duration(min(r.Uint(), maxTimeout)) * time.Millisecond
		case "headers":
			req.Header = parseHeaderFields(r)
		default:
			return false
		}
		return true
	})
	return req, ok && req.URL != ""
}

const maxTimeout = 24 * 60 * 60 * 1000 // ms; the host's limits are shorter

// parseHeaderFields reads [[name, value, ?secret], ...].
func parseHeaderFields(r *cbor.Reader) []HeaderField {
	var out []HeaderField
	for range r.Array() {
		n := r.Array()
		f := HeaderField{Name: string(r.Text()), Value: string(r.Text())}
		if n == 3 {
			f.Secret = string(r.Text())
		} else if n != 2 {
			r.Null() // an error: there is a text or nothing
		}
		if r.Err() != nil {
			return nil
		}
		out = append(out, f)
	}
	return out
}

// rooms are for answers on their way to a plugin that stands still for them.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// maxRoom is how large a room may be that is used again, in bytes.
const maxRoom = 256 << 10

// whole asks and answers an http-response in room.
func (c *HTTPClient) whole(ctx context.Context, call *httpCall, room *[]byte) ([]byte, error) {
	resp, err := c.Do(ctx, &call.HTTPRequest)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // what was read is read
	return resp.encode(room)
}

// encode reads the body and answers an http-response, in room as far as that suffices; otherwise room becomes what had to be
// made.
//
// The body comes before its length is known, and behind it in CBOR. So what stands before the body is written last:
//
//	room [ . . . . | body ]
//	          [ head body | status headers ]
func (r *HTTPResponse) encode(room *[]byte) ([]byte, error) {
	front := len(r.URL) + frontMost
	b, err := readBehind(*room, front, r.Body, r.length)
	if err != nil {
		return nil, err
	}
	head := appendHead(make([]byte, 0, 256), r, len(b)-front)
	b = appendRest(b, r)
	if cap(b) <= maxRoom {
		*room = b[:0]
	}
	return b[front-copy(b[front-len(head):], head):], nil
}

// frontMost is how long the head of an http-response is beside its URL, in bytes: a map, the keys url and body, and the
// heads of two strings.
const frontMost = 1 + 4 + 9 + 5 + 9

// readBehind is io.ReadAll that leaves front bytes before what it reads, into b if there is room, and into room for what is
// to come as far as that is believed.
func readBehind(b []byte, front int, r io.Reader, length int64) ([]byte, error) {
	b = slices.Grow(b[:0], front+int(min(max(length, 0), 1<<20))+bytes.MinRead)[:front]
	for {
		n, err := r.Read(b[len(b):cap(b)])
		switch b = b[:len(b)+n]; {
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		case len(b) == cap(b):
			b = slices.Grow(b, len(b))
		}
	}
}

// chunk is how much of a streamed answer comes in one message at most.
const chunk = 64 << 10

// pieces asks and tells the answer as it comes.
func (c *HTTPClient) pieces(ctx context.Context, call *httpCall, tell teller) ([]byte, error) {
	resp, err := c.Do(ctx, &call.HTTPRequest)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // what was read is read
	if err := tell("head", appendRest(appendHead(nil, resp, -1), resp)); err != nil {
		return nil, err
	}
	buf := make([]byte, chunk)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			if err := tell("chunk", cbor.AppendBytes(nil, buf[:n])); err != nil {
				return nil, err
			}
		}
		switch {
		case err == io.EOF:
			return cbor.AppendNull(nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// appendHead appends what stands before the body in an http-response, and the head of the body if that has not less than 0 bytes.
func appendHead(b []byte, resp *HTTPResponse, body int) []byte {
	n := 4
	if body < 0 {
		n = 3
	}
	b = cbor.AppendText(cbor.AppendText(cbor.AppendMap(b, n), "url"), resp.URL)
	if body >= 0 {
		b = cbor.AppendBytesHead(cbor.AppendText(b, "body"), body)
	}
	return b
}

// appendRest appends what stands behind the body.
func appendRest(b []byte, resp *HTTPResponse) []byte {
	b = cbor.AppendUint(cbor.AppendText(b, "status"), uint64(resp.Status))
	b = cbor.AppendArray(cbor.AppendText(b, "headers"), len(resp.Header))
	for _, f := range resp.Header {
		b = cbor.AppendText(cbor.AppendText(cbor.AppendArray(b, 2), f.Name), f.Value)
	}
	return b
}
