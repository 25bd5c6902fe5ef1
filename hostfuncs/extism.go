package hostfuncs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// ExtismHTTP makes the requests of a plugin that was made for Extism through c, with the same checks
// as those of any plugin: permit is asked before each hop, who is for its share of the client. Unlike
// Extism's own host it looks at the address that is dialled, and at every redirect.
func ExtismHTTP(c *HTTPClient, who string, permit func(*abi.Need) abi.Code) extism.HTTP {
	return extismHTTP{c, who, permit}
}

type extismHTTP struct {
	client *HTTPClient
	who    string
	permit func(*abi.Need) abi.Code
}

// Do implements extism.HTTP.
func (h extismHTTP) Do(ctx context.Context, r *extism.Request) (*extism.Response, error) {
	req := &HTTPRequest{Method: r.Method, URL: r.URL, Who: h.who, Permit: h.permit, Body: append([]byte(nil), r.Body...)}
	for name, value := range r.Header {
		req.Header = append(req.Header, HeaderField{Name: name, Value: value})
	}
	resp, err := h.client.Do(ctx, req)
	var refused *HTTPError
	if errors.As(err, &refused) && refused.Code == abi.CodeDenied {
		return nil, fmt.Errorf("%w: %s", extism.ErrDenied, refused.Reason)
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // was only read from
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	header := map[string]string{}
	for _, f := range resp.Header {
		name := strings.ToLower(f.Name)
		if before, ok := header[name]; ok {
			header[name] = before + "," + f.Value
		} else {
			header[name] = f.Value
		}
	}
	return &extism.Response{Status: resp.Status, Header: header, Body: body}, nil
}
