package main

import (
	"bytes"
	_ "embed"
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

// admin is what an admin of the demo sees: what each plugin asks for, in the words of a consent page, to be granted and taken
// back; what it was refused; and forms for what its place passes to it and for its settings. A change is seen at once
// wherever the plugin is shown.
type admin struct {
	host   *host.Host
	shelf  *shelf
	rules  *ruleBook
	audit  *sandbox.Audit
	places []string

	mu    sync.Mutex
	given map[string]host.Place // with the props and settings of now
}

func newAdmin(h *host.Host, s *shelf, rules *ruleBook) *admin {
	a := &admin{host: h, shelf: s, rules: rules, audit: s.audit, given: maps.Clone(s.places)}
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
	Rights  []adminRight
	Denials []adminDenial
	Forms   []adminForm
}

type adminForm struct {
	Title string
	HTML  template.HTML
}

// show answers GET /demo/admin.
func (a *admin) show(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a.page(w, http.StatusOK, &sentForm{saved: q.Get("saved"), right: q.Get("right")})
}

// maxForm is the longest form that is read, in bytes.
const maxForm = 64 << 10

// What an admin sets at a place: what the page passes in, and the plugin's settings.
const (
	setProps    = "props"
	setSettings = "settings"
)

// sentForm is what an admin has sent before: what was taken, as place/what, or a form that is wrong.
type sentForm struct {
	saved, right string

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
	if what == setRights {
		a.decide(w, r, name)
		return
	}
	f, err := formOf(a.at(name), what)
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
		a.page(w, http.StatusUnprocessableEntity, &sentForm{place: name, what: what, form: f})
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

// at is what is at a place now.
func (a *admin) at(name string) host.Place {
	a.mu.Lock()
	defer a.mu.Unlock()
	place := a.given[name]
	place.Plugin = a.shelf.plugin(name) // another version may have taken over
	return place
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

// page writes the page.
func (a *admin) page(w http.ResponseWriter, status int, sent *sentForm) {
	var list []adminSection
	var page bytes.Buffer
	for _, name := range a.places {
		s, err := a.section(name, sent)
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

func (a *admin) section(name string, sent *sentForm) (_ *adminSection, err error) {
	p := a.at(name)
	m := p.Plugin.Manifest()
	s := &adminSection{Manifest: m, Place: name, Denials: a.denialsOf(m.ID)}
	decided := ""
	if sent.saved == name+"/"+setRights {
		decided = sent.right
	}
	if s.Rights, err = a.rightsOf(name, m, decided); err != nil {
		return nil, fmt.Errorf("place[%s]: %w", name, err)
	}
	for _, part := range []struct {
		what, title, button string
	}{{setProps, "What the page passes to it", "Show it"}, {setSettings, "Its settings", "Save"}} {
		f, err := formOf(p, part.what)
		if err != nil {
			return nil, fmt.Errorf("place[%s]: %w", name, err)
		}
		if sent.place == name && sent.what == part.what {
			f = sent.form
		}
		if f == nil || len(f.Fields) == 0 {
			continue
		}
		var out bytes.Buffer
		where := name + "/" + part.what
		page := &form.Page{Action: "/demo/admin/" + where, Prefix: name + "-" + part.what + "-", Button: part.button, Saved: sent.saved == where}
		if err := f.Write(&out, page); err != nil {
			return nil, fmt.Errorf("place[%s]: %w", name, err)
		}
		s.Forms = append(s.Forms, adminForm{part.title, template.HTML(out.String())}) // html/template has written it
	}
	return s, nil
}

//go:embed demo/admin.html
var adminText string

var adminPage = template.Must(template.New("admin").Parse(adminText))
