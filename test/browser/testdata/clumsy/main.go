// Clumsy fails at what it is asked to, and goes on: a test of what a person sees of that.
package main

import (
	"fmt"
	"strings"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(clumsy)

func clumsy(*v.Context) v.View {
	clicks, doubled := 0, false
	return func() v.Node {
		keys := []string{"a", "b"}
		if doubled {
			keys[1] = "a"
		}
		return v.Box(
			v.Text(fmt.Sprintf("%d clicks", clicks)),
			v.Button("Count").OnClick(func() { clicks++; doubled = false }),
			v.Button("Panic").OnClick(func() { panic("boom") }),
			v.Button("Rave").OnClick(func() { panic("<b>\u202e\n" + strings.Repeat("x", 5000)) }),
			v.Button("Double").OnClick(func() { doubled = true }),
			v.Box(v.Text("one").Key(keys[0]), v.Text("two").Key(keys[1])),
		)
	}
}

func main() {}
