// Runaway spins, overflows and floods when it is asked to: a test of what its neighbours notice.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(runaway)

func runaway(c *v.Context) v.View {
	turns, deep := 0, 0
	return func() v.Node {
		return v.Box(
			v.Text(fmt.Sprintf("%d turns", turns)),
			v.Button("Spin").OnClick(func() {
				for {
					deep ^= 1
				}
			}),
			v.Button("Overflow").OnClick(func() { deep = overflow(deep) }),
			v.Button("Flood").OnClick(func() {
				c.Later(func() bool { turns++; return true })
			}),
		)
	}
}

func overflow(n int) int { return overflow(n+1) + overflow(n+2) }

func main() {}
