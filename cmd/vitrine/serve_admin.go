package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/host/form"
	"github.com/vitrine-run/vitrine/sandbox"
)

// admin is what an admin of the demo sees: what each plugin asks for, in the words of a consent page, and
// forms for what its place passes to it. A change is seen at once wherever the plugin is shown.
type admin struct {
	host   *host.Host
	places []string

	mu    sync.Mutex
	given map[string]host.Place // with the props of now
}

func newAdmin(h *host.Host, s *shelf) *admin {
	a := &admin{host: h, given: maps.Clone(s.places)}
	for _, name := range slices.Sorted(maps.Keys(s.places)) {
		if s.places[name].Plugin.Manifest().ID == name { // the others show the same plugins
			a.places = append(a.places, name)
		}
	}
	return a
}

// adminSection is one plugin in the page.
type adminSection struct {
	*abi.Manifest
	Place   string
	Asks    []sandbox.Change
	Form    template.HTML
	HasForm bool
}

// show answers GET /demo/admin.
func (a *admin) show(w http.ResponseWriter, r *http.Request) {
	a.page(w, http.StatusOK, r.URL.Query().Get("saved"), "", nil)
}

// maxForm is the longest form that is read, in bytes.
const maxForm = 64 << 10

// set answers POST /demo/admin/{place}.
func (a *admin) set(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("place")
	if !slices.Contains(a.places, name) {
		http.Error(w, "There is no such place.", http.StatusNotFound)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "This is not what a form sends, or too long.", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	place := a.given[name]
	a.mu.Unlock()
	f, err := propsForm(place)
	if err != nil || f == nil {
		http.Error(w, "There is nothing to set here.", http.StatusNotFound)
		return
	}
	props, err := f.Read(r.PostForm)
	if err == nil {
		err = a.host.SetProps(name, props)
	}
	switch {
	case errors.Is(err, form.ErrForm):
		a.page(w, http.StatusUnprocessableEntity, "", name, f)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.mu.Lock()
	place.Props = props
	a.given[name] = place
	a.mu.Unlock()
	http.Redirect(w, r, "/demo/admin?saved="+name+"#"+name, http.StatusSeeOther)
}

// propsForm is nil for a plugin that has no props.
func propsForm(p host.Place) (*form.Form, error) {
	schema := p.Plugin.Manifest().Props
	if schema == nil {
		return nil, nil
	}
	return form.New(schema, p.Props)
}

// page writes the page; sent is a form that has been sent for a place and is wrong, or nil.
func (a *admin) page(w http.ResponseWriter, status int, saved, place string, sent *form.Form) {
	a.mu.Lock()
	given := maps.Clone(a.given)
	a.mu.Unlock()
	var list []adminSection
	var page bytes.Buffer
	for _, name := range a.places {
		s, err := newSection(name, given[name], name == saved, map[bool]*form.Form{true: sent}[name == place])
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list = append(list, *s)
	}
	if err := adminPage.Execute(&page, list); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // who asked may have gone
}

func newSection(name string, p host.Place, saved bool, sent *form.Form) (*adminSection, error) {
	s := &adminSection{Manifest: p.Plugin.Manifest(), Place: name, Asks: sandbox.Consent(p.Plugin.Manifest())}
	f, err := propsForm(p)
	if err != nil {
		return nil, fmt.Errorf("place[%s]: %w", name, err)
	}
	if sent != nil {
		f = sent
	}
	if f == nil || len(f.Fields) == 0 {
		return s, nil
	}
	var out bytes.Buffer
	if err := f.Write(&out, &form.Page{Action: "/demo/admin/" + name, Prefix: name + "-", Button: "Show it", Saved: saved}); err != nil {
		return nil, fmt.Errorf("place[%s]: %w", name, err)
	}
	s.Form, s.HasForm = template.HTML(out.String()), true // html/template has written it
	return s, nil
}

var adminPage = template.Must(template.New("admin").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What an admin sees · Vitrine demo</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body class="admin">
<header><div>
<h1>What an admin sees</h1>
<p>What each plugin asks for, in the words in which a person is asked, and what this page passes to it. What is set
here is checked against the plugin's own schema and shown at once <a href="/">in the demo</a>, also in other windows.</p>
</div></header>
<main class="one">
{{range .}}<section id="{{.Place}}" aria-labelledby="h-{{.Place}}">
<h2 id="h-{{.Place}}">{{.Name}} {{.Version}}</h2>
{{with .Description}}<p class="about">{{.}}</p>{{end}}
<h3>This plugin may</h3>
<ul>{{range .Asks}}<li>{{.Sentence}}{{with .Reason}} <span class="help">Its author says: “{{.}}”</span>{{end}}</li>{{else}}<li>compute, and reach nothing</li>{{end}}</ul>
{{if .HasForm}}<h3>What the page passes to it</h3>
{{.Form}}{{end}}
</section>
{{end}}</main>
</body>
</html>
`))
