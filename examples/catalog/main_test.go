package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// TestEverythingIsShown: the page has every component of the catalog, each bool of each set and not, and each value of each
// choice. What is added to the catalog is missed here until the page shows it.
func TestEverythingIsShown(t *testing.T) {
	page := vitrinetest.Mount(t, newCatalog, nil)
	shown := map[string]bool{}
	look := func() {
		for i := range abi.Components() {
			c := abi.ComponentAt(uint16(i))
			for _, n := range page.FindAll(c.Name, "") {
				shown[c.Name] = true
				for _, p := range c.Props {
					shown[fmt.Sprintf("%s %s=%s", c.Name, p.Name, n.Prop(p.Name))] = true
				}
				for _, e := range c.Events {
					shown[c.Name+" on "+e.Name] = shown[c.Name+" on "+e.Name] || n.Bound(e.Name)
				}
			}
		}
	}
	look()
	for _, opens := range []string{"Open a dialog", "Ask", "Open a large one"} {
		page.Find("button", opens).Fire("click")
	}
	look()
	var missing []string
	miss := func(what string, or ...string) {
		if !shown[what] && !slices.ContainsFunc(or, func(s string) bool { return shown[s] }) {
			missing = append(missing, what)
		}
	}
	for i := range abi.Components() {
		c := abi.ComponentAt(uint16(i))
		miss(c.Name)
		for _, e := range c.Events {
			miss(c.Name + " on " + e.Name)
		}
		for _, p := range c.Props {
			value := func(v string) string { return fmt.Sprintf("%s %s=%s", c.Name, p.Name, v) }
			switch p.Kind {
			case abi.KindBool:
				miss(value("true"))
				miss(value("false"), value(""))
			case abi.KindEnum:
				if len(p.Values) > 20 { // icons, which are all shown as such
					if c.Name != "icon" && !slices.ContainsFunc(p.Values, func(v string) bool { return shown[value(v)] }) {
						missing = append(missing, c.Name+" "+p.Name)
					}
					continue
				}
				for n, v := range p.Values {
					if n == 0 {
						miss(value(v), value("")) // the first is what holds without
					} else {
						miss(value(v))
					}
				}
			}
		}
	}
	slices.Sort(missing)
	for _, m := range missing {
		t.Errorf("nothing shows %s", m)
	}
}
