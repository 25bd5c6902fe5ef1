// Reach is a plugin that uses what any page has and says what came of it.
package main

import (
	"bytes"
	"fmt"
	"time"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(func(c *v.Context) v.View {
	var random [8]byte
	log := c.Log(v.LevelWarn, "hello", map[string]any{"n": 1})
	filled := c.Random(random[:])
	now := c.Now()
	surface := c.Surface(0, 2, 1)
	painted := surface.PaintRGB(0, 0, 2, 1, make([]byte, 6))
	steps := 0
	c.Later(func() bool { steps++; return steps < 3 && !c.Pending() })
	return func() v.Node {
		return v.Text(fmt.Sprint(
			"locale ", c.Locale(), ", who ", c.Props().String("who", "nobody"), ", log ", log,
			", random ", filled == nil && !bytes.Equal(random[:], make([]byte, 8)), ", clock ", now.After(time.Unix(0, 0)), c.Monotonic() >= 0,
			", paint ", painted, ", memory ", v.MemoryLimit()>>20, ", steps ", steps,
		))
	}
})

func main() {}
