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
// forms for what its place passes to it and for its settings. A change is seen at once wherever the plugin is shown.
type admin struct {
	host   *host.Host
	places []string

	mu    sync.Mutex
	given map[string]host.Place // with the props and settings of now
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
	Place string
	Asks  []sandbox.Change
	Forms []adminForm
}

type adminForm struct {
	Title string
	HTML  template.HTML
}

// show answers GET /demo/admin.
func (a *admin) show(w http.ResponseWriter, r *http.Request) {
	a.page(w, http.StatusOK, r.URL.Query().Get("saved"), nil)
}

// maxForm is the longest form that is read, in bytes.
const maxForm = 64 << 10

// What an admin sets at a place: what the page passes in, and the plugin's settings.
const (
	setProps    = "props"
	setSettings = "settings"
)

// sentForm is a form that has been sent and is wrong.
type sentForm struct {
	place, what string
	form        *form.Form
}

// set answers POST /demo/admin/{place}/{what}.
func (a *admin) set(w http.ResponseWriter, r *http.Request) {
	name, what := r.PathValue("place"), r.PathValue("what")
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
	f, err := formOf(a.given[name], what)
	a.mu.Unlock()
	if err != nil || f == nil {
		http.Error(w, "There is nothing to set here.", http.StatusNotFound)
		return
	}
	values, err := f.Read(r.PostForm)
	if err == nil {
		err = a.save(name, what, values)
	}
	switch {
	case errors.Is(err, form.ErrForm):
		a.page(w, http.StatusUnprocessableEntity, "", &sentForm{name, what, f})
	case err != nil:
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	default:
		http.Redirect(w, r, "/demo/admin?saved="+name+"/"+what+"#"+name, http.StatusSeeOther)
	}
}

// save has the host show what was set, and keeps it.
func (a *admin) save(name, what string, values map[string]any) (err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	place := a.given[name]
	if what == setProps {
		place.Props, err = values, a.host.SetProps(name, values)
	} else {
		place.Settings, err = values, a.host.SetSettings(name, values)
	}
	if err == nil {
		a.given[name] = place
	}
	return err
}

// formOf is nil where there is nothing to set.
func formOf(p host.Place, what string) (*form.Form, error) {
	m := p.Plugin.Manifest()
	switch {
	case what == setProps && m.Props != nil:
		return form.New(m.Props, p.Props)
	case what == setSettings && m.Settings != nil:
		return form.New(m.Settings, p.Settings)
	}
	return nil, nil
}

// page writes the page; saved is a form that has been taken, sent one that is wrong, or nil.
func (a *admin) page(w http.ResponseWriter, status int, saved string, sent *sentForm) {
	a.mu.Lock()
	given := maps.Clone(a.given)
	a.mu.Unlock()
	var list []adminSection
	var page bytes.Buffer
	for _, name := range a.places {
		s, err := newSection(name, given[name], saved, sent)
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
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // who asked may have gone
}

func newSection(name string, p host.Place, saved string, sent *sentForm) (*adminSection, error) {
	s := &adminSection{Manifest: p.Plugin.Manifest(), Place: name, Asks: sandbox.Consent(p.Plugin.Manifest())}
	for _, part := range []struct {
		what, title, button string
	}{{setProps, "What the page passes to it", "Show it"}, {setSettings, "Its settings", "Save"}} {
		f, err := formOf(p, part.what)
		if err != nil {
			return nil, fmt.Errorf("place[%s]: %w", name, err)
		}
		if sent != nil && sent.place == name && sent.what == part.what {
			f = sent.form
		}
		if f == nil || len(f.Fields) == 0 {
			continue
		}
		var out bytes.Buffer
		where := name + "/" + part.what
		page := &form.Page{Action: "/demo/admin/" + where, Prefix: name + "-" + part.what + "-", Button: part.button, Saved: saved == where}
		if err := f.Write(&out, page); err != nil {
			return nil, fmt.Errorf("place[%s]: %w", name, err)
		}
		s.Forms = append(s.Forms, adminForm{part.title, template.HTML(out.String())}) // html/template has written it
	}
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
<p>What each plugin asks for, in the words in which a person is asked, what this page passes to it, and its settings. What is set
here is checked against the plugin's own schema and shown at once <a href="/">in the demo</a>, also in other windows.</p>
</div></header>
<main class="one">
{{range .}}<section id="{{.Place}}" aria-labelledby="h-{{.Place}}">
<h2 id="h-{{.Place}}">{{.Name}} {{.Version}}</h2>
{{with .Description}}<p class="about">{{.}}</p>{{end}}
<h3>This plugin may</h3>
<ul>{{range .Asks}}<li>{{.Sentence}}{{with .Reason}} <span class="help">Its author says: “{{.}}”</span>{{end}}</li>{{else}}<li>compute, and reach nothing</li>{{end}}</ul>
{{range .Forms}}<h3>{{.Title}}</h3>
{{.HTML}}{{end}}
</section>
{{end}}</main>
</body>
</html>
`))
