package vitrine

import (
	"errors"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// quiet is a host that shows nothing.
type quiet struct{ host }

func (quiet) render([]byte) abi.Code { return abi.CodeOK }

func TestStateGoesOver(t *testing.T) {
	app := func(found *string, saves bool) App {
		return func(c *Context) View {
			*found = string(c.Restored())
			state := *found + "+"
			if saves {
				c.OnSave(func() []byte { return []byte(state) })
			}
			return func() Node { return Text(state) }
		}
	}
	var found string
	mount := []byte{0xa0}
	old := &guest{app: app(&found, true), host: quiet{}}
	if _, err := old.save(nil); !errors.Is(err, abi.CodeConflict) {
		t.Errorf("saved before it was mounted: %v", err)
	}
	for _, want := range []string{"", "+", "++"} {
		if _, err := old.mount(mount); err != nil || found != want {
			t.Fatalf("restored %q, want %q: %v", found, want, err)
		}
		state, err := old.save(nil)
		if err != nil {
			t.Fatal(err)
		}
		next := &guest{app: app(&found, true), host: quiet{}}
		if _, err := next.restore(state); err != nil {
			t.Fatal(err)
		}
		state[0] = '?' // is the host's
		old = next
	}
	none := &guest{app: app(&found, false), host: quiet{}}
	if _, err := none.mount(mount); err != nil {
		t.Fatal(err)
	}
	if _, err := none.save(nil); !errors.Is(err, abi.CodeUnsupported) {
		t.Errorf("one without state: %v", err)
	}
}
