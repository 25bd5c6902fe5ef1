// Stillborn shows what cannot be shown from the first.
package main

import v "github.com/vitrine-run/vitrine/sdk/go"

var _ = v.Register(func(*v.Context) v.View {
	return func() v.Node {
		return v.Box(v.Text("one").Key("a"), v.Text("two").Key("a"))
	}
})

func main() {}
