package main

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"

	"github.com/vitrine-run/vitrine/host"
)

// demoFiles are the demonstration: static files that work under the strict policy of package host.
//
//go:embed demo/page
var demoFiles embed.FS

// routes are all that the server answers. The door is the demonstration's; without it, the plugins are shown plainly.
func routes(h *host.Host, s *shelf, rules *ruleBook, d *door) http.Handler {
	page, err := fs.Sub(demoFiles, "demo/page")
	if err != nil {
		panic(err) // only a misspelt constant leads here
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n") // who asked may have gone
	})
	mux.Handle(host.Prefix, h)
	if d != nil {
		mux.Handle("GET /demo/places", h.Protect(dataSets(s)))
		admin := newAdmin(h, s, rules)
		mux.Handle("GET /demo/admin", h.Protect(d.keep(admin.show)))
		mux.Handle("POST /demo/admin/{place}/{what}", h.Protect(http.NewCrossOriginProtection().Handler(d.keep(admin.set))))
		mux.Handle("GET "+host.Prefix+"catalog", h.Protect(painted(h, demoFile(page, "catalog.html"))))
		mux.Handle("GET /{$}", h.Protect(painted(h, demoFile(page, "index.html"))))
		mux.Handle("/", h.Protect(onlyGet(http.FileServerFS(page))))
	} else {
		mux.Handle("/{$}", h.Protect(onlyGet(painted(h, pluginsPage(s)))))
		mux.Handle("/", h.Protect(onlyGet(http.FileServerFS(plainFiles{page}))))
	}
	return mux
}

// demoFile is one file of the demo.
func demoFile(page fs.FS, name string) []byte {
	b, err := fs.ReadFile(page, name)
	if err != nil {
		panic(err) // only a misspelt constant leads here
	}
	return b
}

// onlyGet refuses methods that pages do not have. Patterns with a method would be at odds with
// host.Prefix, which has them all.
func onlyGet(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// plainFiles are the demo's files without the demo: what the plain page needs.
type plainFiles struct{ fs.FS }

func (p plainFiles) Open(name string) (fs.File, error) {
	if name != "style.css" && name != "icon.svg" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return p.FS.Open(name)
}

// plainPage shows plugins one below the other.
const plainPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plugins</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/vitrine/vitrine.js"></script>
</head>
<body>
<main>
<h1>Plugins</h1>
{{range .}}<section aria-labelledby="p-{{.Place}}">
<h2 id="p-{{.Place}}">{{.Name}}</h2>
{{with .Description}}<p>{{.}}</p>{{end}}
<vitrine-plugin place="{{.Place}}"></vitrine-plugin>
</section>
{{end}}</main>
</body>
</html>
`

// pluginsPage lists every place.
func pluginsPage(s *shelf) []byte {
	type entry struct{ Place, Name, Description string }
	var list []entry
	for _, name := range slices.Sorted(maps.Keys(s.places)) {
		m := s.places[name].Plugin.Manifest()
		list = append(list, entry{name, m.Name, m.Description})
	}
	var page bytes.Buffer
	if err := template.Must(template.New("plugins").Parse(plainPage)).Execute(&page, list); err != nil {
		panic(err) // a constant template with strings does not fail
	}
	return page.Bytes()
}
