package vitrine_test

import (
	"fmt"

	"github.com/vitrine-run/vitrine/abi"
	vitrine "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// A button that saves, says so and leads on.
func ExampleContext_Toast() {
	page := vitrinetest.Mount(nil, func(c *vitrine.Context) vitrine.View {
		return func() vitrine.Node {
			return vitrine.Button("Save").OnClick(func() {
				_ = c.Toast(vitrine.ToneGood, "Saved")
				_ = c.Focus("name")
			})
		}
	}, nil)
	page.Find("button", "Save").Fire("click")
	for _, e := range page.Effects() {
		fmt.Printf("%v %q %q\n", e.Kind == abi.EffectToast, e.Text, e.Key)
	}
	// Output:
	// true "Saved" ""
	// false "" "name"
}
