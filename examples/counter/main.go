// Counter is the smallest plugin that does something: one button that counts.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(counter)

func counter(*v.Context) v.View {
	clicks := 0
	return func() v.Node {
		return v.Button(fmt.Sprintf("Clicks: %d", clicks)).Primary().
			OnClick(func() { clicks++ })
	}
}

func main() {}
