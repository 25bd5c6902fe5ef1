package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// prerender asks for the element of a place as a handler does, and returns it with the ticket that is in it.
func (v *visitor) prerender(place string) (markup, ticket string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	all, err := v.prerenderAll(ctx, place)
	if err != nil {
		v.t.Fatal(err)
	}
	out := all[0]
	if _, rest, ok := strings.Cut(string(out), ` ticket="`); ok {
		value, _, _ := strings.Cut(rest, `"`)
		var given struct{ Ticket, Plugin, Name, Version string }
		if err := json.Unmarshal([]byte(html.UnescapeString(value)), &given); err != nil || given.Plugin == "" || given.Version == "" {
			v.t.Fatalf("%q: %v", value, err)
		}
		ticket = given.Ticket
	}
	return string(out), ticket
}

// prerenderAll asks for the elements of places as a handler does.
func (v *visitor) prerenderAll(ctx context.Context, places ...string) ([]template.HTML, error) {
	v.t.Helper()
	r := httptest.NewRequest("GET", v.server.URL+"/", http.NoBody)
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie)
	}
	w := httptest.NewRecorder()
	out, err := v.PrerenderAll(ctx, w, r, places...)
	for _, c := range w.Result().Cookies() {
		v.cookie = c.Name + "=" + c.Value
	}
	return out, err
}

// TestPrerender: the page has what the plugin renders, and its ticket takes up that very plugin.
func TestPrerender(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	markup, ticket := v.prerender("desk")
	for _, want := range []string{`<vitrine-plugin place="desk" `, `<template shadowrootmode="closed">`, `href="/vitrine/vitrine.css"`, ">0</", "</template></vitrine-plugin>"} {
		if !strings.Contains(markup, want) {
			t.Errorf("no %s in %s", want, markup)
		}
	}
	if _, _, mounts := s.Outstanding(); mounts != 1 {
		t.Fatalf("%d mounts", mounts)
	}
	thief := s.visitor()
	thief.ticket("desk") // it has a session of its own
	if p := thief.tab(); p.fault(p.mount(1, ticket)).Code != abi.FaultTicket {
		t.Error("somebody else took it up")
	}
	p := v.tab()
	p.shows(p.mount(1, ticket), "0")
	p.click(p.Pages[1], 0)
	p.shows(p.Pages[1], "1")
	if _, _, mounts := s.Outstanding(); mounts != 1 {
		t.Errorf("%d mounts, of which one is shown", mounts)
	}
	if f := p.fault(p.mount(2, ticket)); f.Code != abi.FaultTicket {
		t.Errorf("the second time: %+v", f)
	}
}

// TestPrerenderSeveral: a visitor who comes for the first time has one session for all plugins of the page, under Protect as well.
func TestPrerenderSeveral(t *testing.T) {
	s := newSite(t, nil)
	v := s.visitor()
	w := httptest.NewRecorder()
	var tickets []string
	page := s.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			out, err := s.Prerender(r.Context(), w, r, "desk")
			_, rest, ok := strings.Cut(html.UnescapeString(string(out)), `"ticket":"`)
			if err != nil || !ok {
				t.Fatal(err, out)
			}
			ticket, _, _ := strings.Cut(rest, `"`)
			tickets = append(tickets, ticket)
		}
	}))
	page.ServeHTTP(w, httptest.NewRequest("GET", v.server.URL+"/", http.NoBody))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	v.cookie = cookies[0].Name + "=" + cookies[0].Value
	p := v.tab()
	for i, ticket := range tickets {
		p.shows(p.mount(uint32(i+1), ticket), "0")
	}
}

// TestPrerenderIsGivenBack: a plugin that no page takes up ends with its ticket.
func TestPrerenderIsGivenBack(t *testing.T) {
	s := newSite(t, nil)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	v := s.visitor()
	_, ticket := v.prerender("desk")
	now = now.Add(2 * time.Minute)
	v.ticket("desk") // whoever asks finds what is over
	waitFor(t, "the mount gives everything back", func() bool { _, _, mounts := s.Outstanding(); return mounts == 0 })
	p := v.tab()
	if f := p.fault(p.mount(1, ticket)); f.Code != abi.FaultTicket {
		t.Errorf("%+v", f)
	}
}

// TestPrerenderWithout: where nothing can be rendered in time the page still gets an element, which asks by itself.
func TestPrerenderWithout(t *testing.T) {
	s := newSite(t, func(o *host.Options) { o.Limits.Mounts = 1 })
	v := s.visitor()
	if _, ticket := v.prerender("desk"); ticket == "" {
		t.Fatal("no ticket")
	}
	if markup, ticket := v.prerender("desk"); ticket != "" || markup != `<vitrine-plugin place="desk"></vitrine-plugin>` {
		t.Errorf("no room, and %s", markup)
	}
	r := httptest.NewRequest("GET", s.server.URL+"/", http.NoBody)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s = newSite(t, nil)
	out, err := s.Prerender(ended, httptest.NewRecorder(), r, "desk")
	if err != nil || strings.Contains(string(out), "ticket=") && !strings.Contains(string(out), "<template") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := s.Prerender(ended, httptest.NewRecorder(), r, "nowhere"); !errors.Is(err, host.ErrPlace) {
		t.Error(err)
	}
}

// TestPrerenderFailsInDrain: a plugin that cannot be made, while the host goes, is given back once.
func TestPrerenderFailsInDrain(t *testing.T) {
	var s *site
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s = newSite(t, func(o *host.Options) {
		p := o.Places["desk"]
		p.User = func(string) *sandbox.Rules {
			_ = s.Drain(ended) // tells the mount that is being made to stop
			return &abi.Rules{Allow: []string{"no rule"}}
		}
		o.Places["desk"] = p
	})
	if markup, ticket := s.visitor().prerender("desk"); ticket != "" {
		t.Error(markup)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Error(err)
	}
	if tickets, uploads, mounts := s.Outstanding(); tickets+uploads+mounts != 0 {
		t.Errorf("%d tickets, %d uploads, %d mounts", tickets, uploads, mounts)
	}
}
