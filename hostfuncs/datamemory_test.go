package hostfuncs_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// The key is the one that records have, whatever field a plugin names: what it may do to an instance it may not do to the
// field that tells it from others.
func TestMemoryDataHasOneKey(t *testing.T) {
	var changed []string
	data := &hostfuncs.MemoryData{Changed: func(_, _, ability, key, instance string, _ map[string]any) {
		changed = append(changed, ability+" "+key+" "+instance)
	}}
	data.Put("acme", "Attendee", "7", map[string]any{"id": "7", "name": "Ada"})
	who := &hostfuncs.Subject{Tenant: "acme"}
	access := func(ability, key, instance string, value any) (any, error) {
		return data.Access(context.Background(), who, &hostfuncs.DataQuery{Model: "Attendee", Ability: ability, Key: key, Instance: instance, Value: value, Most: 10})
	}
	for _, c := range []struct {
		ability, key string
		value        map[string]any
	}{
		{"view", "name", nil},
		{"update", "invented", map[string]any{"id": "8"}},
		{"update", "id", map[string]any{"id": "8"}},
		{"delete", "name", nil},
	} {
		if got, err := access(c.ability, c.key, "7", c.value); !errors.Is(err, abi.CodeInvalid) {
			t.Errorf("%s by %s: %v, %v", c.ability, c.key, got, err)
		}
	}
	got, err := access("update", "id", "7", map[string]any{"name": "Ada Lovelace"})
	if record, _ := got.(map[string]any); err != nil || !maps.Equal(record, map[string]any{"id": "7", "name": "Ada Lovelace"}) {
		t.Errorf("%v, %v", got, err)
	}
	if len(changed) != 1 || changed[0] != "update id 7" {
		t.Errorf("changed %q", changed)
	}
}
