// Forms says what it was told: a test of what a person enters, however it is sent.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(forms)

func forms(*v.Context) v.View {
	quantity, name, essay, draft, sent, clicks, changes := 1.0, "", "", "", "nothing", 0, 0
	rate := "none"
	return func() v.Node {
		return v.Box(
			v.Fieldset("Order",
				v.NumberField("Quantity").Value(quantity).Min(0).Max(1000).OnChange(func(n float64) { quantity, changes = n, changes+1 }),
				v.TextField("Name").Value(name).OnChange(func(s string) { name, changes = s, changes+1 }),
			).OnSubmit(func() { sent = fmt.Sprintf("%v for %q after %d changes", quantity, name, changes) }),
			v.Button("Send").OnClick(func() { sent = fmt.Sprintf("clicked with %q", name) }),
			v.Button("Count").OnClick(func() { clicks++ }),
			v.NumberField("Rate").OnChange(func(n float64) { rate = fmt.Sprint(n) }),
			v.TextField("Essay").Type(v.TextFieldTypeMultiline).MaxLength(65_536).Value(essay).OnInput(func(s string) { essay = s }),
			v.TextField("Draft").Type(v.TextFieldTypeMultiline).MaxLength(65_536).OnChange(func(s string) { draft = s }),
			v.Text("Sent: "+sent),
			v.Text(fmt.Sprintf("%d clicks", clicks)),
			v.Text("Rate: "+rate),
			v.Text(fmt.Sprintf("%d bytes of an essay, %d of a draft", len(essay), len(draft))),
		)
	}
}

func main() {}
