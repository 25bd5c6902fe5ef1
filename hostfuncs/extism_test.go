package hostfuncs_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/runtime/extism/extismtest"
)

// TestExtismHTTP lets a plugin made for Extism fetch a page from a real server, and wants it to be
// ended where it follows a redirect to what it may not reach, or asks for that at once.
func TestExtismHTTP(t *testing.T) {
	var w *world
	w = newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(rw, r, w.url("evil.example.com", "/"), http.StatusFound)
			return
		}
		rw.Header().Set("X-Seen", r.Method+" "+r.URL.Path)
	}, hostfuncs.HTTPLimits{})
	permit := func(n *abi.Need) abi.Code {
		if n.Host == "api.example.com" {
			return abi.CodeOK
		}
		return abi.CodeDenied
	}
	in := extismPlugin(t, "http_headers.wasm", hostfuncs.ExtismHTTP(w.client, "test", permit))
	get := func(url string) (map[string]string, error) {
		input, _ := json.Marshal(map[string]string{"url": url})
		out, err := in().Call(context.Background(), "http_get", input)
		var header map[string]string
		if err == nil {
			err = json.Unmarshal(out, &header)
		}
		return header, err
	}
	if header, err := get(w.url("api.example.com", "/page")); err != nil || header["x-seen"] != "GET /page" {
		t.Errorf("got %v, %v", header, err)
	}
	for _, url := range []string{w.url("api.example.com", "/away"), w.url("evil.example.com", "/"), "http://127.0.0.1:" + w.port + "/", "file:///etc/passwd"} {
		_, err := get(url)
		var fault *runtime.Fault
		if !errors.As(err, &fault) || fault.Kind != runtime.FaultDenied && fault.Kind != runtime.FaultTrap {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// extismPlugin makes an instance a call.
func extismPlugin(t *testing.T, name string, client extism.HTTP) func() *extism.Instance {
	t.Helper()
	ctx := context.Background()
	dir, err := extismtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := extism.Compile(ctx, code, &extism.Options{HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(ctx) })
	return func() *extism.Instance {
		in, err := p.Instantiate(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
}
