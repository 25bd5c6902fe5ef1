package extism

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/runtime"
)

// HTTP makes a plugin's requests. The runtime trusts it with everything: which hosts, which
// methods, how much, how long. It must be done when the context is. What it refuses for lack of a
// right is an error that matches ErrDenied; any other error ends the plugin's call as a trap.
type HTTP interface {
	Do(ctx context.Context, r *Request) (*Response, error)
}

// ErrDenied is matched by the errors of an HTTP that mean: the plugin has no right to that.
var ErrDenied = errors.New("extism: denied")

// A Request is what a plugin asks for, as it asks: nothing in it is checked.
type Request struct {
	Method string // in capitals; GET if the plugin named none
	URL    string
	Header map[string]string
	Body   []byte // valid until Do returns
}

// A Response is an answer. An HTTP bounds its size.
type Response struct {
	Status int
	Header map[string]string // names in lower case; nil tells the plugin nothing of them
	Body   []byte
}

// answer is what is kept of the newest request.
type answer struct {
	status int
	header map[string]string
}

// request is a plugin's JSON. Extism's own host decodes it without regard to case.
type request struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
}

func httpFuncs() []runtime.HostFunc {
	return []runtime.HostFunc{
		imported("http_request", types{i64, i64}, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			s[0] = in.request(c, s[0], s[1])
		}),
		imported("http_status_code", nil, types{i32}, func(in *Instance, _ *runtime.Caller, s []uint64) {
			s[0] = uint64(uint32(in.answer.status))
		}),
		imported("http_headers", nil, types{i64}, func(in *Instance, c *runtime.Caller, s []uint64) {
			s[0] = 0
			if in.answer.header == nil {
				return
			}
			b, err := json.Marshal(in.answer.header)
			if err != nil {
				c.Fail(err)
			}
			s[0] = in.put(c, b)
		}),
	}
}

// maxRequest is how many bytes of JSON describe a request; its body is another block.
const maxRequest = 64 << 10

// request makes the request in the block at, with the body in another, and answers the block of the
// answer's body.
func (in *Instance) request(c *runtime.Caller, at, body uint64) uint64 {
	in.answer = answer{}
	var r request
	if b := in.named(c, at); len(b) > maxRequest {
		c.Fail(&runtime.Fault{Kind: runtime.FaultTrap, Message: fmt.Sprintf("http_request: a request of %d bytes, at most %d", len(b), maxRequest)})
	} else if err := json.Unmarshal(b, &r); err != nil {
		c.Fail(&runtime.Fault{Kind: runtime.FaultTrap, Message: fmt.Sprintf("http_request: not a request: %v", err)})
	}
	if in.plugin.http == nil {
		c.Fail(&runtime.Fault{Kind: runtime.FaultDenied, Message: fmt.Sprintf("http_request: %q: http is not granted", r.URL)})
	}
	method := strings.ToUpper(r.Method)
	if method == "" {
		method = "GET"
	}
	var (
		answered *Response
		err      error
	)
	c.Blocking(func() {
		answered, err = in.plugin.http.Do(c.Context(), &Request{Method: method, URL: r.URL, Header: r.Headers, Body: in.named(c, body)})
	})
	if err != nil {
		c.Fail(requestFault(c, err))
	}
	in.blocks.release(at)
	in.blocks.release(body)
	in.answer = answer{answered.Status, answered.Header}
	return in.put(c, answered.Body)
}

// requestFault is how a request that came to nothing ends the call.
func requestFault(c *runtime.Caller, err error) error {
	switch {
	case errors.Is(err, ErrDenied):
		return &runtime.Fault{Kind: runtime.FaultDenied, Message: "http_request: " + strings.TrimPrefix(err.Error(), "extism: "), Err: err}
	case c.Context().Err() != nil:
		return c.Context().Err()
	}
	return &runtime.Fault{Kind: runtime.FaultTrap, Message: "http_request: " + err.Error(), Err: err}
}
