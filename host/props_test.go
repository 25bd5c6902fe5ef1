package host_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// withMirror adds the plugin of testdata/mirror at the place "mirror".
func withMirror(t *testing.T, pick sandbox.Callback) func(*host.Options) {
	return func(o *host.Options) {
		p := host.Place{Plugin: loadFolder(t, "mirror", o.Logger), Grants: []abi.Capability{abi.CapUI, abi.CapProps}, Props: map[string]any{"c": "a"}}
		if pick != nil {
			p.Callbacks = map[string]sandbox.Callback{"pick": pick}
		}
		o.Places["mirror"] = p
	}
}

// showing opens a tab that shows what is at a place.
func (v *visitor) showing(place string) *tab {
	v.t.Helper()
	ticket := v.ticket(place)
	p := v.tab()
	page := p.mount(1, ticket)
	p.until("a tree", func() bool { return page.Root != nil || page.Fault != nil })
	return p
}

// The host's props change while pages show the plugin: all of them see the new ones, and so do those that come.
func TestPropsAreLive(t *testing.T) {
	s := newSite(t, withMirror(t, nil))
	first, second := s.visitor(), s.visitor()
	a, b := first.ticket("mirror"), second.ticket("mirror")
	one, two := first.tab(), second.tab()
	one.shows(one.mount(1, a), "a")
	two.shows(two.mount(1, b), "a")
	if err := s.SetProps("mirror", map[string]any{"c": "b"}); err != nil {
		t.Fatal(err)
	}
	one.shows(one.Pages[1], "b")
	two.shows(two.Pages[1], "b")
	one.shows(one.mount(2, first.ticket("mirror")), "b")

	for name, props := range map[string]map[string]any{
		"too long": {"c": "bb"}, "other type": {"c": 1}, "unknown": {"c": "b", "d": "d"}, "nothing": nil, "other case": {"C": "b"},
	} {
		var wrong *abi.SchemaError
		if err := s.SetProps("mirror", props); !errors.Is(err, sandbox.ErrProps) || !errors.As(err, &wrong) || !strings.Contains(err.Error(), "place[mirror]") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.SetProps("mirror", map[string]any{"c": math.NaN()}); err == nil {
		t.Error("what is no value was taken")
	}
	if err := s.SetProps("Mirror", map[string]any{"c": "b"}); !errors.Is(err, host.ErrPlace) {
		t.Errorf("no place: %v", err)
	}
	if err := s.SetProps("mirror", map[string]any{"c": "c"}); err != nil {
		t.Fatal(err)
	}
	one.shows(one.Pages[1], "c")
	one.shows(one.Pages[2], "c")
}

// However many props come, and from wherever, pages end with the newest.
func TestPropsHammer(t *testing.T) {
	s := newSite(t, withMirror(t, nil))
	v := s.visitor()
	p := v.showing("mirror")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 300 {
				if err := s.SetProps("mirror", map[string]any{"c": string(rune('a' + (i+n)%25))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range uint32(3) {
		p.mount(2+n, v.ticket("mirror"))
	}
	wg.Wait()
	if err := s.SetProps("mirror", map[string]any{"c": "z"}); err != nil {
		t.Fatal(err)
	}
	for _, page := range p.Pages {
		p.shows(page, "z")
	}
}

// A plugin calls a function of the host: it runs for the person whose page it is, with arguments that
// were checked, and its answer is checked as well.
func TestCallbacksRunInTheHost(t *testing.T) {
	var mu sync.Mutex
	called := map[string]int{} // by principal
	s := newSite(t, withMirror(t, func(_ context.Context, by sandbox.Caller, input any) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		called[by.Principal]++
		if input == "x" {
			return "too long", nil
		}
		return strings.ToUpper(fmt.Sprint(input)), nil
	}))
	one, two := s.visitor().showing("mirror"), s.visitor().showing("mirror")
	one.click(one.Pages[1], 0)
	one.shows(one.Pages[1], "A")
	two.click(two.Pages[1], 0)
	two.shows(two.Pages[1], "A")
	if mu.Lock(); len(called) != 2 {
		t.Errorf("called for %v", called)
	}
	mu.Unlock()
	// "A" is not what the schema allows; neither is the answer for "x".
	one.click(one.Pages[1], 0)
	one.shows(one.Pages[1], "?")
	if err := s.SetProps("mirror", map[string]any{"c": "x"}); err != nil {
		t.Fatal(err)
	}
	two.shows(two.Pages[1], "x")
	two.click(two.Pages[1], 0)
	two.shows(two.Pages[1], "?")
	total := 0
	mu.Lock()
	defer mu.Unlock()
	for _, n := range called {
		total += n
	}
	if total != 3 {
		t.Errorf("the function ran %d times: %v", total, called)
	}
}

func TestPlacesWithWrongPropsOrCallbacks(t *testing.T) {
	plugin := loadFolder(t, "mirror", nil)
	for name, p := range map[string]host.Place{
		"no props":         {Plugin: plugin},
		"wrong props":      {Plugin: plugin, Props: map[string]any{"c": 7}},
		"unknown callback": {Plugin: plugin, Props: map[string]any{"c": "a"}, Callbacks: map[string]sandbox.Callback{"Pick": nil}},
	} {
		_, err := host.New(&host.Options{Origins: []string{"http://a.example"}, Anonymous: true, Places: map[string]host.Place{"m": p}})
		if !errors.Is(err, sandbox.ErrProps) && !errors.Is(err, sandbox.ErrCallback) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
