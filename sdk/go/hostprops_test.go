package vitrine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"testing"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

// A component of the host's own, which the manifest names under "components". What the host lacks is shown as the fallback.
func ExampleHostProps() {
	plan := v.Host("Seat plan", "acme.seats", v.Fallback(v.Text("Row 3"))).
		Props(v.HostProps(map[string]any{"row": 3, "taken": false, "name": `Ada "the first"`})).
		Href("https://example.com/seats")
	_ = plan
	fmt.Println(v.HostProps(map[string]any{"row": 3, "taken": false, "name": `Ada "the first"`}))
	// Output: {"name":"Ada \"the first\"","row":3,"taken":false}
}

func TestHostProps(t *testing.T) {
	for _, want := range []map[string]any{
		{}, {"a": "\x00\n\u2028\\</script>é日😀"}, {"a": 1.5, "b": 1e21, "c": -3.0, "d": true},
	} {
		text := v.HostProps(want)
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil || !maps.Equal(got, want) {
			t.Errorf("%v became %s: %v", want, text, err)
		}
	}
	if got := v.HostProps(map[string]any{"a": "\xff", "b": math.Copysign(0, -1)}); got != `{"a":"`+"\ufffd"+`","b":0}` {
		t.Error(got)
	}
	for _, wrong := range []any{nil, []int{}, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was written", wrong)
				}
			}()
			v.HostProps(map[string]any{"a": wrong})
		}()
	}
}
