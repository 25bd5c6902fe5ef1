// Seats takes seats in a page that draws them: the component is the page's, which also sets the price and is asked for a quote.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(seats)

func seats(c *v.Context) v.View {
	taken := map[int]bool{}
	said := "Nothing is taken."
	quoted := func(answer any, err error) {
		if err != nil {
			said = "The page gives no quote."
			return
		}
		said = fmt.Sprintf("%d taken, for %v euros.", len(taken), answer)
	}
	seat := func(row int) v.Node {
		name := fmt.Sprintf("Row %d", row)
		view := v.Text([]string{"By the window", "In the middle", "By the door"}[row-1])
		return v.Host(name, "seat", v.Part(view).Slot("note"), v.Fallback(v.Text(name+" is not shown in this page."))).
			Props(v.HostProps(map[string]any{"row": row, "taken": taken[row]})).
			OnCall(func(string, string) {
				taken[row] = true
				c.Call("quote", map[string]any{"seats": len(taken)}, quoted)
			})
	}
	return func() v.Node {
		price := fmt.Sprintf("A seat is %v euros.", c.Props().Number("price", 0))
		return v.Box(v.Text(price), seat(1), seat(2), seat(3), v.Text(said))
	}
}

func main() {}
