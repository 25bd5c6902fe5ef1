package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/shadow"
)

// Prerender starts the plugin of a place for whoever makes r, waits until it has rendered, and returns the element that
// shows it: with what it renders as declarative shadow DOM, which a browser shows before any script has run, and
// with a ticket, with which the shell takes up this very plugin. What the plugin asks for to begin with is waited for as long
// as Options.PrerenderWait. Call it before the body of w is written: a visitor may be
// given a session. The markup is for one person and one time: answer with Cache-Control: no-store.
//
// When ctx ends before the plugin has rendered, or Options.PrerenderTimeout is over, or there is no room for it, the element comes
// without: the shell then asks by itself. So it does where the plugin has done what there was to do, is due no answer, and has rendered nothing. An error says that there is no such place, or that r comes from nobody.
func (h *Host) Prerender(ctx context.Context, w http.ResponseWriter, r *http.Request, name string) (template.HTML, error) {
	out, err := h.PrerenderAll(ctx, w, r, name)
	return out[0], err
}

// PrerenderAll is Prerender for the places of one page, whose plugins are started and waited for at the same time. There is an
// element for each name, "" for a place that the error says is not there.
func (h *Host) PrerenderAll(ctx context.Context, w http.ResponseWriter, r *http.Request, names ...string) ([]template.HTML, error) {
	out := make([]template.HTML, len(names))
	who, err := h.people.greet(w, r)
	if err != nil {
		return out, err
	}
	by, locale := h.people.party(r, who), locale(r)
	var all sync.WaitGroup
	for i, name := range names {
		at := h.places[name]
		if at == nil {
			err = errors.Join(err, fmt.Errorf("%w: %.80q", ErrPlace, name))
			continue
		}
		m, failed := h.mount(at, by, locale, nil)
		if failed != nil {
			out[i] = template.HTML(opening(at) + closing)
			continue
		}
		all.Go(func() { out[i] = h.paint(ctx, m) })
	}
	all.Wait()
	return out, err
}

// The tags of an element. A place's name has no character that means something in HTML.
func opening(at *place) string { return `<vitrine-plugin place="` + at.name + `"` }

const closing = "></vitrine-plugin>"

// paint waits for what a mount shows to begin with, and returns its element. Where there is nothing to be shown the mount is closed.
func (h *Host) paint(ctx context.Context, m *mounted) template.HTML {
	manifest := m.plugin.Load().Manifest()
	if m.await(ctx) == nil {
		if tree, err := m.mount.Newest(); err == nil {
			if out, err := h.rendered(m, tree, manifest); err == nil {
				return template.HTML(out)
			}
		}
	}
	m.mount.Close()
	return template.HTML(opening(m.place) + closing)
}

// await waits until the plugin has rendered, and then for the answers that it is due.
func (m *mounted) await(ctx context.Context) error {
	if err := m.begun(ctx); err != nil {
		return err
	}
	if box, most := m.sandbox(), m.host.prerenderWait; box != nil && most > 0 {
		ctx, cancel := context.WithTimeout(ctx, most)
		defer cancel()
		_ = box.Quiet(ctx) // what there is then is shown
	}
	return nil
}

// begun waits until the plugin has rendered, as long as it may still do so.
func (m *mounted) begun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.host.prerenderTimeout)
	defer cancel()
	if box := m.sandbox(); box != nil {
		go func() {
			if box.Quiet(ctx) == nil {
				cancel() // what it has rendered until then counts
			}
		}()
	}
	return m.mount.Begun(ctx)
}

// rendered is the element with the ticket of a mount and what it shows.
func (h *Host) rendered(m *mounted, t *abi.Tree, manifest *abi.Manifest) ([]byte, error) {
	secret, err := h.tickets.issueFor(m.party, m.place, m)
	if err != nil {
		return nil, err
	}
	ticket, err := json.Marshal(newTicketAnswer(secret, manifest))
	if err != nil {
		return nil, err
	}
	b := []byte(opening(m.place) + ` ticket="` + template.HTMLEscapeString(string(ticket)) + `">`)
	b = shadow.Append(b, t, &shadow.Options{
		Name: manifest.Name, Base: Prefix, Assets: Prefix + "assets/" + manifest.ID + "/" + manifest.Version + "/",
	})
	return append(b, "</vitrine-plugin>"...), nil
}
