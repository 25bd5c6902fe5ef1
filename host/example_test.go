package host_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// A web application that shows a plugin: a runtime, the plugin, the place where it may appear, and
// a page with <vitrine-plugin place="desk"></vitrine-plugin>.
func ExampleNew() {
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		log.Fatal(err)
	}
	plugin, err := sandbox.Load(context.Background(), rt, os.DirFS("testdata/desk"), nil)
	if err != nil {
		log.Fatal(err)
	}
	h, err := host.New(&host.Options{
		Origins:   []string{"http://localhost:8080"},
		Anonymous: true, // or Identity: who a request is from
		Places:    map[string]host.Place{"desk": {Plugin: plugin, Grants: []abi.Capability{abi.CapUI}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(host.Prefix, h)
	mux.Handle("/", h.Protect(http.FileServer(http.Dir("public"))))
	// http.ListenAndServe("localhost:8080", mux)

	ask := httptest.NewRequest("POST", "http://localhost:8080/vitrine/tickets", strings.NewReader(`{"place":"desk"}`))
	ask.Header = http.Header{"Origin": {"http://localhost:8080"}, "Content-Type": {"application/json"}}
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, ask)
	fmt.Println(answer.Code, h.Drain(context.Background()), rt.Close(context.Background()))
	// Output: 200 <nil> <nil>
}

// A newer version is put in the place of the one that pages show. One that cannot be shown changes nothing.
func ExampleHost_Replace() {
	ctx := context.Background()
	load := func(module, version string) *sandbox.Plugin {
		wasm, err := os.ReadFile("testdata/versions/" + module + ".wasm")
		if err != nil {
			log.Fatal(err)
		}
		rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()}) // of its own: closed with the version
		if err != nil {
			log.Fatal(err)
		}
		plugin, err := sandbox.Load(ctx, rt, fstest.MapFS{"plugin.wasm": {Data: wasm}, "vitrine.json": {Data: []byte(
			`{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "` + version + `", "runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui"]}`)}}, nil)
		if err != nil {
			log.Fatal(err)
		}
		return plugin
	}
	old := load("keeper", "1.0.0")
	h, err := host.New(&host.Options{
		Origins:   []string{"http://localhost:8080"},
		Anonymous: true,
		Places:    map[string]host.Place{"desk": {Plugin: old, Grants: []abi.Capability{abi.CapUI}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, module := range []string{"broken", "keeper"} {
		became, err := h.Replace(ctx, "desk", load(module, "2.0.0"), &host.ReplaceOptions{Remount: true})
		fmt.Printf("%s: %+v, refused: %v\n", module, became, errors.Is(err, host.ErrReplace))
	}
	fmt.Println(old.Close(ctx), h.Drain(ctx))
	// Output:
	// broken: {Moved:0 Fresh:0 Kept:0}, refused: true
	// keeper: {Moved:0 Fresh:0 Kept:0}, refused: false
	// <nil> <nil>
}
