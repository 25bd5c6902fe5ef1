package host

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/shadow"
)

// Prerender starts the plugin of a place for whoever makes r, waits until it has rendered, and returns the element that
// shows it: with what it renders first as declarative shadow DOM, which a browser shows before any script has run, and
// with a ticket, with which the shell takes up this very plugin. Call it before the body of w is written: a visitor may be
// given a session. The markup is for one person and one time: answer with Cache-Control: no-store.
//
// When ctx ends before the plugin has rendered, or there is no room for it, the element comes without: the shell then asks by
// itself. An error says that there is no such place, or that r comes from nobody.
func (h *Host) Prerender(ctx context.Context, w http.ResponseWriter, r *http.Request, name string) (template.HTML, error) {
	at := h.places[name]
	if at == nil {
		return "", fmt.Errorf("%w: %.80q", ErrPlace, name)
	}
	who, err := h.people.greet(w, r)
	if err != nil {
		return "", err
	}
	empty := []byte(`<vitrine-plugin place="` + name + `"`) // a place's name has no character that means something in HTML
	end := template.HTML("></vitrine-plugin>")
	by := h.people.party(r, who)
	m, err := h.mount(at, by, locale(r))
	if err != nil {
		return template.HTML(empty) + end, nil
	}
	tree, err := m.Newest(ctx)
	if err != nil {
		m.Close()
		return template.HTML(empty) + end, nil
	}
	manifest := at.plugin.Load().Manifest()
	out, err := h.rendered(empty, by, at, m, tree, manifest)
	if err != nil {
		m.Close()
		return template.HTML(empty) + end, nil
	}
	return template.HTML(out), nil
}

// rendered appends the ticket of a mount and what it shows.
func (h *Host) rendered(b []byte, by party, at *place, m *bridge.Mount, t *abi.Tree, manifest *abi.Manifest) ([]byte, error) {
	secret, err := h.tickets.issueFor(by, at, m)
	if err != nil {
		return nil, err
	}
	ticket, err := json.Marshal(newTicketAnswer(secret, manifest))
	if err != nil {
		return nil, err
	}
	b = append(append(append(b, ` ticket="`...), template.HTMLEscapeString(string(ticket))...), `">`...)
	b = shadow.Append(b, t, &shadow.Options{
		Name: manifest.Name, Base: Prefix, Assets: Prefix + "assets/" + manifest.ID + "/" + manifest.Version + "/",
	})
	return append(b, "</vitrine-plugin>"...), nil
}
