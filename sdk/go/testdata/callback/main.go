// Callback is a plugin that calls functions of the host and says what came of it.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(func(c *v.Context) v.View {
	said, updates := "nothing", 0
	c.Call("onSelect", 7, func(out any, err error) { said = fmt.Sprint(out, " ", err) })
	total, err := c.CallAndWait("total", []any{1, 2})
	_, wrong := c.CallAndWait("total", "many")
	_, missing := c.CallAndWait("other", nil)
	_, faulty := c.CallAndWait("faulty", nil)
	_, panics := c.CallAndWait("panics", nil)
	c.OnUpdate(func() { updates++ })
	return func() v.Node {
		return v.Text(fmt.Sprint("who ", c.Props().String("who", "nobody"), ", units ", c.Settings().String("units", "none"), ", updates ", updates, ", said ", said,
			", total ", total, " ", err, ", wrong ", wrong, ", missing ", missing, ", faulty ", faulty, ", panics ", panics))
	}
})

func main() {}
