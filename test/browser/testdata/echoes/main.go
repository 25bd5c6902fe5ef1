// Echoes says what it heard: a test of what arrives over a network that fails.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(echoes)

func echoes(*v.Context) v.View {
	value, clicks := "", 0
	return func() v.Node {
		return v.Box(
			v.TextField("Notes").Value(value).OnInput(func(s string) { value = s }),
			v.Button("Count").OnClick(func() { clicks++ }),
			v.Text(fmt.Sprintf("%d clicks", clicks)),
			v.Text("Heard: "+value),
		)
	}
}

func main() {}
