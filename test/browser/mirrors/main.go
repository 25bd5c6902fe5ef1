// Command mirrors is a web application with one plugin, the mirror of package host, at two places: at "open" its page may set the prop and
// answers the callback, at "shut" the host has left it nothing. Its standard output says "at http://127.0.0.1:PORT"; it ends with its
// standard input.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// What the page gives the plugins is there before the shell is.
const (
	page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mirrors</title>
<script type="module" src="/page.js"></script><script type="module" src="/vitrine/vitrine.js"></script>
<h1>Mirrors</h1><vitrine-plugin place="open"></vitrine-plugin><vitrine-plugin place="shut"></vitrine-plugin></html>`
	script = `window.asked = []; window.refused = [];
for (const el of document.querySelectorAll("vitrine-plugin")) {
  const place = el.getAttribute("place");
  el.props = { c: "p" };
  el.callbacks = { pick: async (c) => (window.asked.push([place, c]), c === "q" ? "z" : "far too long") };
  el.addEventListener("vitrine-refused", ({ detail }) => window.refused.push([place, detail.code, detail.message]));
}`
)

func main() {
	plugin := flag.String("plugin", "../../host/testdata/mirror", "the mirror's folder")
	flag.Parse()
	if err := run(*plugin, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mirrors:", err)
		os.Exit(1)
	}
}

func run(folder string, in io.Reader, out io.Writer) error {
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		return err
	}
	plugin, err := sandbox.Load(ctx, rt, os.DirFS(folder), nil)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	shut := host.Place{Plugin: plugin, Grants: []abi.Capability{abi.CapUI, abi.CapProps}, Props: map[string]any{"c": "a"}}
	open := shut
	open.PageProps, open.PageCallbacks = []string{"c"}, []string{"pick"}
	h, err := host.New(&host.Options{Origins: []string{url}, Anonymous: true, Places: map[string]host.Place{"open": open, "shut": shut}})
	if err != nil {
		return err
	}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", answer("text/html; charset=utf-8", page))
	pages.HandleFunc("GET /page.js", answer("text/javascript", script))
	pages.HandleFunc("GET /favicon.ico", answer("image/x-icon", ""))
	mux := http.NewServeMux()
	mux.Handle(host.Prefix, h)
	mux.Handle("/", h.Protect(pages))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = server.Close()
	}()
	fmt.Fprintln(out, "at", url)
	_ = server.Serve(l) // until it is closed
	return nil
}

func answer(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, text)
	}
}
