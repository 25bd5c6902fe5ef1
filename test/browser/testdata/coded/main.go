// Command coded shows a component of the host's own in the ways that there are: as it is registered, with a fallback, with a link, and with
// properties that nobody registered.
package main

import v "github.com/vitrine-run/vitrine/sdk/go"

var _ = v.Register(func(*v.Context) v.View {
	said, wrong := "nothing yet", false
	return func() v.Node {
		props := map[string]any{"value": "B-2"}
		if wrong {
			props["innerHTML"] = "<img src=/stolen>"
		}
		hear := func(name, detail string) { said = name + " " + detail }
		return v.Box(
			v.Text("The component said "+said),
			v.Button("Make it wrong").OnClick(func() { wrong = !wrong }),
			v.Host("With a fallback", "demo.code", v.Fallback(v.Text("The code is B-2"))).Props(v.HostProps(props)).OnCall(hear),
			v.Host("With a link", "demo.code").Props(v.HostProps(map[string]any{"value": "C-3"})).Href("https://example.com/c-3"),
			v.Host("Not asked for", "demo.other", v.Fallback(v.Text("Nothing else is here"))).Props("{}"),
		)
	}
})

func main() {}
