// Host is the smallest web application that shows a plugin.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

func main() {
	rt := must(runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()}))
	plugin := must(sandbox.Load(context.Background(), rt, os.DirFS("examples/counter"), nil))
	h := must(host.New(&host.Options{
		Origins:   []string{"http://localhost:8080"},
		Anonymous: true, // or Identity: who is asking
		Places:    map[string]host.Place{"desk": {Plugin: plugin, Grants: []abi.Capability{abi.CapUI}}},
	}))
	http.Handle(host.Prefix, h)
	http.Handle("/", h.Protect(http.FileServer(http.Dir("examples/host/page"))))
	serve(h, "localhost:8080")
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
