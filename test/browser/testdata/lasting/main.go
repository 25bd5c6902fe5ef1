// Lasting hands its state to the version that comes after it: a test of what a person sees of that.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(lasting)

func lasting(c *v.Context) v.View {
	version, clicks, name := 1, 0, ""
	if _, err := fmt.Sscanf(string(c.Restored()), "%d %d %q", &version, &clicks, &name); err == nil {
		version++
	}
	c.OnSave(func() []byte { return fmt.Appendf(nil, "%d %d %q", version, clicks, name) })
	return func() v.Node {
		fields := []v.Node{v.TextField("Name").Key("name").Value(name).OnInput(func(to string) { name = to })}
		if version%2 == 0 {
			fields = append([]v.Node{v.Text("This version says more.")}, fields...)
		}
		return v.Box(append(fields,
			v.Text(fmt.Sprintf("generation %d, %d clicks by %q", version, clicks, name)),
			v.Button("Count").Key("count").OnClick(func() { clicks++ }))...)
	}
}

func main() {}
