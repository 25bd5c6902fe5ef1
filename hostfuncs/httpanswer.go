package hostfuncs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// answer makes of a server's answer what a plugin may have of it.
func (x *exchange) answer(ctx context.Context, resp *http.Response, done func()) (*HTTPResponse, error) {
	l := &x.client.limits
	fields, err := answerHeader(resp.Header, l.Fields)
	if err != nil {
		return nil, err
	}
	where := x.at.text
	if x.sealed.hides() {
		if packed(resp, x.method) {
			return nil, refuse(abi.CodeUnsupported, "the answer is packed so that secrets cannot be struck out of it")
		}
		where = string(x.sealed.scrub([]byte(where))) // a redirect has led there
		x.sealed.scrubFields(fields)
	}
	slices.SortStableFunc(fields, func(a, b HeaderField) int { return strings.Compare(a.Name, b.Name) })
	most := l.Body
	if x.req.Stream {
		most = l.Streamed
	}
	if resp.ContentLength > most {
		return nil, refuse(abi.CodeLimit, "the answer has more than %d bytes", most)
	}
	body := &answerBody{ctx: ctx, body: resp.Body, left: most, most: most, done: done}
	if x.req.Stream {
		body.idle = l.Idle
	}
	out := &HTTPResponse{Status: resp.StatusCode, URL: where, Header: fields, Body: body, length: resp.ContentLength}
	if x.sealed.hides() {
		out.Body = &scrubbed{from: body, sealed: &x.sealed}
	}
	return out, nil
}

// packed reports whether an answer has a body whose encoding the transport has left as it is.
func packed(resp *http.Response, method string) bool {
	how := resp.Header.Get("Content-Encoding")
	return how != "" && !strings.EqualFold(how, "identity") && method != http.MethodHead && resp.ContentLength != 0
}

// answerBody is a body, unpacked, as far as it may be read.
type answerBody struct {
	ctx        context.Context //nolint:containedctx // that of the exchange, whose errors it names
	body       io.ReadCloser
	left, most int64
	idle       time.Duration // 0: the whole has its time, a piece has none
	once       sync.Once
	done       func()
}

func (b *answerBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLong()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	if b.idle > 0 {
		defer time.AfterFunc(b.idle, func() { _ = b.body.Close() }).Stop() // ends the Read below
	}
	var began time.Time
	if b.idle > 0 {
		began = time.Now()
	}
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n + int(b.left), b.tooLong()
	}
	if err != nil && err != io.EOF {
		err = b.broken(err, began)
	}
	return n, err
}

// broken says why the Read that began then failed.
func (b *answerBody) broken(err error, began time.Time) error {
	if b.idle > 0 && time.Since(began) >= b.idle {
		return &HTTPError{abi.CodeDeadline, "the server sent nothing for too long", err}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &HTTPError{abi.CodeUnavailable, "the server broke off", err}
	}
	return ended(b.ctx, err)
}

func (b *answerBody) tooLong() error {
	return refuse(abi.CodeLimit, "the answer has more than %d bytes", b.most)
}

func (b *answerBody) Close() error {
	err := b.body.Close()
	b.once.Do(b.done)
	return err
}
