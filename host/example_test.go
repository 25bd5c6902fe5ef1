package host_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

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
