package vitrinetest_test

import (
	"fmt"
	"strings"
	"testing"

	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

func form(*v.Context) v.View {
	name := "you"
	return func() v.Node {
		return v.Box(
			v.TextField("Name").OnInput(func(s string) { name = s }),
			v.Text("Hello "+name),
			v.Button("Off").Disabled(true).OnClick(func() {}),
			v.Button("Endless").OnClick(func() {}),
		)
	}
}

func ExampleMount() {
	page := vitrinetest.Mount(nil, form, nil)
	page.Find("textfield", "Name").Fire("input", "Ada")
	fmt.Println(page.Find("text", "Hello").Prop("text"))
	// Output:
	// Hello Ada
}

// recorder is a test that fails without ending the real one.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	panic(r)
}

// What a host would refuse fails the test, and says what was there.
func TestFailsWhereAHostRefuses(t *testing.T) {
	for want, act := range map[string]func(*vitrinetest.Page){
		`there is no text that says "Bye"`:       func(p *vitrinetest.Page) { p.Find("text", "Bye") },
		"text text=\"Hello you\"":                func(p *vitrinetest.Page) { p.Find("text", "Bye") },
		`the catalog has no component "blink"`:   func(p *vitrinetest.Page) { p.Find("blink", "") },
		`text has no property "colour"`:          func(p *vitrinetest.Page) { p.Find("text", "").Prop("colour") },
		`has no handler for "submit"`:            func(p *vitrinetest.Page) { p.Find("textfield", "").Fire("submit", "x") },
		"is disabled":                            func(p *vitrinetest.Page) { p.Find("button", "Off").Fire("click") },
		"click: abi: malformed":                  func(p *vitrinetest.Page) { p.Find("button", "Endless").Fire("click", "x") },
		"a field of an event cannot be a []byte": func(p *vitrinetest.Page) { p.Find("textfield", "").Fire("input", []byte{}) },
		`there is no button that says "x" in`:    func(p *vitrinetest.Page) { p.Find("text", "").Find("button", "x") },
	} {
		t.Run(want, func(t *testing.T) {
			r := &recorder{TB: t}
			func() {
				defer func() {
					if recover() != r {
						t.Error("it did not fail")
					}
				}()
				act(vitrinetest.Mount(r, form, nil))
			}()
			if !strings.Contains(strings.ReplaceAll(r.failed, "[]uint8", "[]byte"), want) {
				t.Errorf("failed with %q", r.failed)
			}
		})
	}
}
