package hostfuncs

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/vitrine-run/vitrine/abi"
)

// Secrets are settings of an install that a plugin can use and never read: it names one in the header of
// a request, the value goes to the servers that its permission for the secret names, and every answer that the
// install gets has all its values struck out. They are safe for concurrent use. A nil *Secrets has none.
type Secrets struct {
	kept atomic.Pointer[keptSecrets]
}

// keptSecrets is not changed.
type keptSecrets struct {
	values map[string]string
	traces [][]byte // spellings of all values, the longest first
}

// MinSecret is how short a secret may be, in bytes: a shorter one would be found by chance in what
// servers say, and be guessed by what is struck out.
const MinSecret = 8

// ErrSecret is matched by the error of NewSecrets.
var ErrSecret = errors.New("hostfuncs: secret cannot be used")

// NewSecrets keeps values by name. Each must fit a header and have MinSecret bytes.
func NewSecrets(values map[string]string) (*Secrets, error) {
	s := &Secrets{}
	if err := s.Set(values); err != nil {
		return nil, err
	}
	return s, nil
}

// Set replaces all values, for the requests that begin after it. An error means that nothing has changed.
func (s *Secrets) Set(values map[string]string) error {
	for name, v := range values {
		if len(v) < MinSecret || len(v) > maxRequestHeader/2 || !isFieldValue(v) {
			return fmt.Errorf("%w: %.80q has not %d to %d characters that a header can have", ErrSecret, name, MinSecret, maxRequestHeader/2)
		}
	}
	kept := &keptSecrets{values: maps.Clone(values)}
	for _, v := range values {
		kept.traces = append(kept.traces, spellings(v)...)
	}
	kept.traces = sortTraces(kept.traces)
	s.kept.Store(kept)
	return nil
}

// String hides the values from whoever prints them.
func (s *Secrets) String() string { return "secrets" }

// GoString is String.
func (s *Secrets) GoString() string { return s.String() }

// sealed are the secrets of one request, and how to find those of its install in what comes back: a server may keep
// what one request has carried and tell another one.
type sealed struct {
	values map[string]string // by name, as long as they may be sent
	names  map[string]bool   // header fields that hold one
	traces [][]byte          // of keptSecrets
}

// open finds the secrets that a header names.
func (s *Secrets) open(fields []HeaderField) (out sealed, err error) {
	var kept *keptSecrets
	if s != nil {
		kept = s.kept.Load()
	}
	if kept == nil {
		kept = &keptSecrets{}
	}
	out.traces = kept.traces
	for _, f := range fields {
		if f.Secret == "" {
			continue
		}
		v, ok := kept.values[f.Secret]
		if !ok {
			return sealed{}, refuse(abi.CodeNotFound, "there is no secret %+.80q", f.Secret)
		}
		if out.values == nil {
			out.values, out.names = map[string]string{}, map[string]bool{}
		}
		out.values[f.Secret] = v
		out.names[http.CanonicalHeaderKey(f.Name)] = true
	}
	return out, nil
}

// spellings are the forms in which servers tend to repeat what they were sent.
func spellings(v string) [][]byte {
	quoted, err := json.Marshal(v)
	if err != nil {
		panic(err) // a string does not fail
	}
	escaped := hex.EncodeToString([]byte(v))
	out := [][]byte{
		[]byte(v), []byte(url.QueryEscape(v)), []byte(url.PathEscape(v)), lowerEscapes(url.QueryEscape(v)), lowerEscapes(url.PathEscape(v)),
		quoted[1 : len(quoted)-1], bytes.ReplaceAll(bytes.ReplaceAll([]byte(v), []byte(`\`), []byte(`\\`)), []byte(`"`), []byte(`\"`)),
		[]byte(html.EscapeString(v)), []byte(base64.StdEncoding.EncodeToString([]byte(v))),
		[]byte(escaped), []byte(strings.ToUpper(escaped)),
	}
	for before := range 3 { // what stands before it in the same text decides how base64 cuts it
		whole := append(make([]byte, before), v...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := e.EncodeToString(whole)
			out = append(out, []byte(text[[]int{0, 2, 3}[before]:len(text)-min(1, len(whole)%3)]))
		}
	}
	return out
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) []byte {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
			i += 2
		}
	}
	return b
}

// hides reports whether there is something to be struck out of an answer.
func (s *sealed) hides() bool { return len(s.traces) > 0 }

// has reports whether a text has something in it that is to be struck out.
func (s *sealed) has(text string) bool {
	return slices.ContainsFunc(s.traces, func(t []byte) bool { return strings.Contains(text, string(t)) })
}

// struck is what stands in place of a secret.
const struck = "[secret]"

func (s *sealed) scrub(b []byte) []byte {
	for _, t := range s.traces {
		if bytes.Contains(b, t) {
			b = bytes.ReplaceAll(b, t, []byte(struck))
		}
	}
	return b
}

// scrubbed is a body without the secrets of its install, wherever its pieces end.
type scrubbed struct {
	from   io.ReadCloser
	sealed *sealed
	raw    []byte // read and not looked at to its end
	ready  []byte
	err    error
}

func (s *scrubbed) Close() error { return s.from.Close() }

func (s *scrubbed) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// fill reads a piece and makes ready what can hold no beginning of a secret.
func (s *scrubbed) fill() {
	buf := make([]byte, 32<<10)
	n, err := s.from.Read(buf)
	s.raw = s.sealed.scrub(append(s.raw, buf[:n]...))
	hold := 0
	if s.err = err; err == nil {
		hold = min(len(s.raw), len(s.sealed.traces[0])-1)
	}
	cut := len(s.raw) - hold
	s.ready, s.raw = s.raw[:cut:cut], slices.Clone(s.raw[cut:])
}
