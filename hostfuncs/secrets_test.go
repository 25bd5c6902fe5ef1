package hostfuncs_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// canary is a secret with everything in it that is spelt in more than one way.
const canary = `c4nary<&>/"+q7ZpW9xT~k`

func canaries(t *testing.T) *hostfuncs.Secrets {
	t.Helper()
	s, err := hostfuncs.NewSecrets(map[string]string{"token": canary})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func packedWith[W io.WriteCloser](w func(io.Writer) W, text string) string {
	var b bytes.Buffer
	z := w(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// A server that tells all it was sent, in the ways in which servers do, tells the plugin nothing.
func TestSecretsAreNotToldBack(t *testing.T) {
	var mu sync.Mutex
	kept := ""
	var w *world
	echo := func(rw http.ResponseWriter, r *http.Request) {
		got := r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/keep":
			mu.Lock()
			kept = got
			mu.Unlock()
		case "/kept":
			mu.Lock()
			_, _ = io.WriteString(rw, kept)
			mu.Unlock()
		case "/base64":
			fmt.Fprint(rw, base64.StdEncoding.EncodeToString([]byte(r.URL.Query().Get("before")+got+" and more")))
		case "/hex":
			fmt.Fprintf(rw, "%X", got)
		case "/html":
			fmt.Fprint(rw, html.EscapeString(got))
		case "/escapes":
			fmt.Fprint(rw, regexp.MustCompile("%..").ReplaceAllStringFunc(url.QueryEscape(got), strings.ToLower))
		case "/there":
			http.Redirect(rw, r, "/landed?key="+url.QueryEscape(strings.TrimPrefix(got, "Bearer ")), http.StatusFound)
		case "/across":
			http.Redirect(rw, r, w.url("other.example.com", "/landed?key="+url.QueryEscape(strings.TrimPrefix(got, "Bearer "))), http.StatusFound)
		case "/deflate":
			rw.Header().Set("Content-Encoding", "deflate")
			_, _ = io.WriteString(rw, packedWith(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z }, got))
		case "/gzip":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(rw, packedWith(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, got))
		default:
			_, _ = io.WriteString(rw, "here")
		}
	}
	w = newWorld(t, echo, hostfuncs.HTTPLimits{})
	secrets := canaries(t)
	ask := func(path string, header ...hostfuncs.HeaderField) (*hostfuncs.HTTPResponse, string, error) {
		return w.do(&hostfuncs.HTTPRequest{URL: w.url("api.example.com", path), Secrets: secrets, Header: header})
	}
	bearer := hostfuncs.HeaderField{Name: "Authorization", Value: "Bearer ", Secret: "token"}
	for _, path := range []string{"/base64", "/base64?before=x", "/base64?before=xy", "/hex", "/html", "/escapes", "/there", "/gzip"} {
		resp, body, err := ask(path, bearer)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if text := body + " " + resp.URL; !strings.Contains(text, "[secret]") && !strings.Contains(text, "%5Bsecret%5D") {
			t.Errorf("%s: the plugin reads %s", path, text)
		}
	}
	for path, want := range map[string]abi.Code{"/deflate": abi.CodeUnsupported, "/across": abi.CodeDenied} {
		if _, body, err := ask(path, bearer); !errors.Is(err, want) {
			t.Errorf("%s: %v, %q", path, err, body)
		}
	}
	if _, body, err := ask("/keep", bearer, hostfuncs.HeaderField{Name: "Range", Value: "bytes=0-9"}); !errors.Is(err, abi.CodeInvalid) {
		t.Errorf("a range: %v, %q", err, body)
	}
	if _, _, err := ask("/keep", bearer); err != nil {
		t.Error(err)
	}
	if _, body, err := ask("/kept"); err != nil || body != "Bearer [secret]" {
		t.Errorf("what the server has kept: %q, %v", body, err)
	}
}

// What is logged of a redirect has no words of the server's.
func TestRedirectsAreNotLogged(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Location", "https://"+r.Header.Get("X-Key")+".example.com/")
		rw.WriteHeader(http.StatusFound)
	}, hostfuncs.HTTPLimits{})
	secrets, err := hostfuncs.NewSecrets(map[string]string{"token": "C4NARYwithoutsigns"})
	if err != nil {
		t.Fatal(err)
	}
	logger, lines := textLog()
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Logger: logger, Secrets: secrets, Services: &hostfuncs.Services{HTTP: w.client}})
	request, err := cbor.Marshal(map[string]any{"url": w.url("api.example.com", "/"), "headers": []any{[]any{"X-Key", "", "token"}}})
	if err != nil {
		t.Fatal(err)
	}
	at, n := p.put(16, request)
	p.expect(int64(abi.CodeInvalid), "http.request", at, n)
	if strings.Contains(lines.String(), "C4NARY") || !strings.Contains(lines.String(), "redirects") {
		t.Errorf("log has %s", lines)
	}
	var none hostfuncs.Secrets // the zero value has no secrets
	if _, err := w.client.Do(context.Background(), &hostfuncs.HTTPRequest{Method: "GET", URL: w.url("api.example.com", "/"), Permit: anything, Secrets: &none}); !errors.Is(err, abi.CodeInvalid) {
		t.Error(err)
	}
}
