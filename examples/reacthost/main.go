// Reacthost is a web application whose page is made with React, sets a plugin's props, answers it and draws a component for it. The page
// is shell/examples/react; below /plain/ is one without a framework, shell/examples/plain. Both are built by npm run examples in shell, and
// the plugin by vitrine build examples/seats.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// What the page draws for plugins: the server holds them to it.
const components = `{"components": [{
  "name": "seat",
  "doc": "A seat that can be taken.",
  "props": {"row": {"kind": "number", "required": true}, "taken": {"kind": "bool"}},
  "calls": {"take": {"detail": {"type": "object", "additionalProperties": false, "required": ["row"], "properties": {"row": {"type": "number"}}}}},
  "slots": ["note"]
}]}`

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	l := must(net.Listen("tcp", *listen))
	url := "http://" + l.Addr().String()
	rt := must(runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()}))
	plugin := must(sandbox.Load(context.Background(), rt, os.DirFS("examples/seats"), nil))
	place := host.Place{
		Plugin: plugin, Grants: []abi.Capability{abi.CapUI, abi.CapProps},
		Components: must(abi.ParseHostComponents([]byte(components))),
		PageProps:  []string{"price"}, PageCallbacks: []string{"quote"},
	}
	h := must(host.New(&host.Options{Origins: []string{url}, Anonymous: true, Places: map[string]host.Place{"desk": place, "elsewhere": place}}))
	mux := http.NewServeMux()
	mux.Handle(host.Prefix, h)
	mux.Handle("/", h.Protect(http.FileServer(http.Dir("shell/examples/react"))))
	mux.Handle("/plain/", h.Protect(http.StripPrefix("/plain/", http.FileServer(http.Dir("shell/examples/plain")))))
	for path, file := range map[string]string{
		"/app.js": "build/examples/react.js", "/plain/app.js": "build/examples/plain.js", "/page.css": "examples/page.css", "/icon.svg": "examples/icon.svg",
	} {
		mux.Handle(path, h.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, "shell/"+file)
		})))
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		drain(server, h)
	}()
	fmt.Println("at", url)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-stopped
}

// drain ends when the process is told to: every page learns when to come back, and what runs is ended.
func drain(server *http.Server, h *host.Host) {
	stop, done := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	<-stop.Done()
	done()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(h.Drain(ctx), server.Shutdown(ctx)); err != nil {
		log.Print(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
