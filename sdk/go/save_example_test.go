package vitrine_test

import (
	"fmt"
	"strconv"

	vitrine "github.com/vitrine-run/vitrine/sdk/go"
)

// A counter that goes on counting in its next version.
func ExampleContext_OnSave() {
	vitrine.Register(func(c *vitrine.Context) vitrine.View {
		clicks, _ := strconv.Atoi(string(c.Restored())) // 0 if there was no version before, or it wrote something else
		c.OnSave(func() []byte { return []byte(strconv.Itoa(clicks)) })
		return func() vitrine.Node {
			return vitrine.Button(fmt.Sprintf("Clicks: %d", clicks)).OnClick(func() { clicks++ })
		}
	})
}
