package host_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// seating is what the host of these tests registers.
func seating(t testing.TB, text string) *abi.HostComponents {
	t.Helper()
	c, err := abi.ParseHostComponents([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const seat = `{"components": [{"name": "acme.seat", "props": {"row": {"kind": "number"}}, "calls": {"take": {"detail": {"type": "integer", "maximum": 9}}}}]}`

// withSeats adds the plugin of testdata/seats at the place "seats", with another manifest where change makes one.
func withSeats(t testing.TB, components *abi.HostComponents, change ...string) func(*host.Options) {
	return func(o *host.Options) {
		o.Places["seats"] = host.Place{Plugin: seats(t, change...), Grants: []abi.Capability{abi.CapUI}, Components: components}
	}
}

func seats(t testing.TB, change ...string) *sandbox.Plugin {
	t.Helper()
	manifest, err := os.ReadFile("testdata/seats/vitrine.json")
	wasm, err2 := os.ReadFile("testdata/seats/plugin.wasm")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return load(t, fstest.MapFS{
		"vitrine.json": {Data: []byte(strings.NewReplacer(change...).Replace(string(manifest)))}, "plugin.wasm": {Data: wasm},
	})
}

func load(t testing.TB, pkg fs.FS) *sandbox.Plugin {
	t.Helper()
	return loadWith(t, pkg, &sandbox.Policy{Limits: patient})
}

// call has the component call back.
func (p *tab) call(number uint32, name, detail string) {
	p.t.Helper()
	var payload abi.PayloadWriter
	payload.Text(name)
	payload.Text(detail)
	page := p.Pages[number]
	p.write(page.Event(page.Find("host")[0].ID, 0, payload.Bytes()))
}

// heard waits until the server has read what was written: it answers a mount of another place behind that.
func (p *tab) heard(number uint32) {
	p.t.Helper()
	p.mount(number, p.ticket("desk"))
	p.shows(p.Pages[number], "0")
}

// seat waits until the component has a name and properties.
func (p *tab) seat(number uint32, want string) {
	p.t.Helper()
	page := p.Pages[number]
	p.until(want, func() bool {
		if page.Root == nil {
			return false
		}
		at := page.Find("host")[0]
		return at.Text("name")+" "+at.Text("props") == want
	})
}

// A component that is registered, asked for and rendered as it was registered reaches the page; its calls reach the plugin, those
// that were registered and no others.
func TestHostComponentIsShownAndCallsBack(t *testing.T) {
	s := newSite(t, withSeats(t, seating(t, seat)))
	p := s.visitor().showing("seats")
	p.seat(1, `acme.seat {"row":1}`)
	p.call(1, "take", "3")
	p.seat(1, `acme.seat {"row":2}`)
	for _, c := range [][2]string{{"take", `10`}, {"take", `"3"`}, {"take", ``}, {"give", `3`}, {"constructor", `null`}} {
		p.call(1, c[0], c[1])
	}
	p.call(1, "take", "4")
	p.seat(1, `acme.seat {"row":3}`) // and not a row more for each of those
	if got := s.log.String(); !strings.Contains(got, "event refused") || strings.Contains(got, "degraded") {
		t.Error(got)
	}
}

// What is not registered, not asked for, or other than it was registered is a fallback in the page, and no call comes of it.
func TestHostComponentDegrades(t *testing.T) {
	for name, c := range map[string]struct {
		components string
		change     []string
		why        string
	}{
		"not registered": {`{"components": []}`, nil, "not registered"},
		"nothing at all": {"", nil, "not registered"},
		"not asked for": {seat, []string{`,
  "components": ["acme.seat"]`, ""}, "does not ask for it"},
		"other property": {strings.Replace(seat, `"row"`, `"line"`, 1), nil, `no key`},
		"other kind":     {strings.Replace(seat, `"number"`, `"text"`, 1), nil, "a string should be"},
		"lacks one":      {strings.Replace(seat, `{"row"`, `{"side": {"kind": "bool", "required": true}, "row"`, 1), nil, `lacks its key`},
	} {
		t.Run(name, func(t *testing.T) {
			var components *abi.HostComponents
			if c.components != "" {
				components = seating(t, c.components)
			}
			s := newSite(t, withSeats(t, components, c.change...))
			p := s.visitor().showing("seats")
			p.seat(1, " ")
			if at := p.Pages[1].Find("host")[0]; at.Text("label") != "Seats" || p.Pages[1].Find("text")[0].Text("text") != "No seats" {
				t.Error("the fallback is not there")
			}
			p.call(1, "take", "3")
			p.heard(2)
			p.seat(1, " ")
			if got := s.log.String(); strings.Count(got, "host component degraded") != 1 || !strings.Contains(got, c.why) || !strings.Contains(got, "component=acme.seat") {
				t.Errorf("the log says %s", got)
			}
		})
	}
}

// Another version that no longer asks for a component does not get it, in a mount that goes on as well.
func TestHostComponentsOfAnotherVersion(t *testing.T) {
	s := newSite(t, withSeats(t, seating(t, seat)))
	p := s.visitor().showing("seats")
	p.seat(1, `acme.seat {"row":1}`)
	next := seats(t, "1.0.0", "1.1.0", `["acme.seat"]`, `[]`)
	if r, err := s.Replace(context.Background(), "seats", next, &host.ReplaceOptions{Remount: true}); err != nil || r.Fresh != 1 {
		t.Fatal(r, err)
	}
	p.seat(1, " ")
	p.call(1, "take", "3")
	p.heard(2) // the call is not the next version's
	if next := seats(t, "1.0.0", "1.2.0"); true {
		if r, err := s.Replace(context.Background(), "seats", next, &host.ReplaceOptions{Remount: true}); err != nil || r.Fresh != 1 {
			t.Fatal(r, err)
		}
	}
	p.seat(1, `acme.seat {"row":1}`)
	p.call(1, "take", "3")
	p.seat(1, `acme.seat {"row":2}`)
}

// Where something is missing that the plugin cannot do without, its fallback stands, and nothing of it runs.
func TestFallbackStands(t *testing.T) {
	requires := func(what string) []string {
		return []string{`"components"`, `"requires": ["` + what + `"], "fallback": {"text": "Ask at the desk.", "href": "https://example.com/seats"}, "components"`}
	}
	s := newSite(t, withSeats(t, nil, requires("component:acme.seat")...))
	v := s.visitor()
	p := v.showing("seats")
	page := p.Pages[1]
	if page.Find("text")[0].Text("text") != "Ask at the desk." || page.Find("link")[0].Text("href") != "https://example.com/seats" || len(page.Find("host")) != 0 {
		t.Error("its fallback is not there")
	}
	p.write((&abi.Visible{Mount: 1}).Append(nil))
	p.write(page.Event(page.Find("link")[0].ID, 0, nil))
	p.mount(2, v.ticket("seats"))
	p.until("another", func() bool { return p.Pages[2].Root != nil })
	third := p.mountWith(3, v.ticket("seats"), `{"c":"x"}`)
	if r := p.refused(third); r.Code != abi.CodeDenied || r.Number != 0 {
		t.Errorf("%+v", r)
	}
	p.says(3, 1, `{"c":"y"}`)
	if r := p.refused(third); r.Code != abi.CodeDenied || r.Number != 1 {
		t.Errorf("%+v", r)
	}
	markup, _ := v.prerender("seats")
	if !strings.Contains(markup, "Ask at the desk.") {
		t.Error(markup)
	}
	if err := s.SetProps("seats", nil); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.log.String(), "missing=component:acme.seat") {
		t.Error(s.log.String())
	}

	s = newSite(t, withSeats(t, seating(t, seat), requires("component:acme.seat")...))
	p = s.visitor().showing("seats")
	p.seat(1, `acme.seat {"row":1}`)
}

// A host registers a component of its own, here from JSON, and says where plugins may render it. The page supplies what it looks like: a
// custom element, with the same properties and calls (the property components of <vitrine-plugin>).
func Example_components() {
	components, err := abi.ParseHostComponents([]byte(`{"components": [{
	  "name": "acme.seat",
	  "doc": "A seat that can be taken.",
	  "props": {"row": {"kind": "number", "required": true}},
	  "calls": {"take": {"detail": {"type": "integer"}}}
	}]}`))
	if err != nil {
		log.Fatal(err)
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		log.Fatal(err)
	}
	plugin, err := sandbox.Load(context.Background(), rt, os.DirFS("testdata/seats"), nil) // its manifest: "components": ["acme.seat"]
	if err != nil {
		log.Fatal(err)
	}
	place := host.Place{Plugin: plugin, Grants: []abi.Capability{abi.CapUI}}
	with := place
	with.Components = components
	h, err := host.New(&host.Options{
		Origins: []string{"http://localhost:8080"}, Anonymous: true,
		Places: map[string]host.Place{"with": with, "without": place},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"with", "without"} { // either way a page without script shows the fallback
		r := httptest.NewRequest("GET", "http://localhost:8080/", nil)
		markup, err := h.Prerender(context.Background(), httptest.NewRecorder(), r, name)
		fmt.Println(name, strings.Contains(string(markup), "No seats"), err)
	}
	fmt.Println(h.Drain(context.Background()), rt.Close(context.Background()))
	// Output:
	// with true <nil>
	// without true <nil>
	// <nil> <nil>
}
