package hostfuncs_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	_ "github.com/vitrine-run/vitrine/hostfuncs/kvsqlite" // the driver "sqlite"
)

// acme is a tenant with the attendees 7 and 8.
var acme = &hostfuncs.Subject{Tenant: "acme"}

// eachData runs a test on each Data that comes along, with new records: id and name.
func eachData(t *testing.T, test func(t *testing.T, data hostfuncs.Data)) {
	t.Run("memory", func(t *testing.T) {
		data := &hostfuncs.MemoryData{}
		data.Put("acme", "Attendee", "7", map[string]any{"id": "7", "name": "Ada"})
		data.Put("acme", "Attendee", "8", map[string]any{"id": "8", "name": "Bob"})
		data.Put("other", "Attendee", "9", map[string]any{"id": "9", "name": "Eve"})
		test(t, data)
	})
	for name, writable := range map[string][]string{"SQL": {"name"}, "SQL with its key writable": {"id", "name"}} {
		t.Run(name, func(t *testing.T) {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "app.sqlite"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(`CREATE TABLE attendees (id TEXT, org TEXT, name TEXT, PRIMARY KEY (org, id));
				INSERT INTO attendees VALUES ('7', 'acme', 'Ada'), ('8', 'acme', 'Bob'), ('9', 'other', 'Eve')`); err != nil {
				t.Fatal(err)
			}
			data, err := hostfuncs.NewSQLData(db, map[string]hostfuncs.SQLModel{"Attendee": {
				Table: "attendees", Key: "id", Tenant: "org", Columns: []string{"id", "name"}, Writable: writable}})
			if err != nil {
				t.Fatal(err)
			}
			test(t, data)
		})
	}
}

// outcome is what access answers, as text.
func outcome(data hostfuncs.Data, q *hostfuncs.DataQuery) string {
	q.Model, q.Most = "Attendee", 10
	v, err := data.Access(context.Background(), acme, q)
	var code abi.Code
	switch {
	case errors.As(err, &code):
		return strings.TrimPrefix(code.Error(), "vitrine: ")
	case err != nil:
		return err.Error()
	}
	return fmt.Sprint(v)
}

// Whoever may change one instance may not make another one of it, nor one of another tenant.
func TestDataKeepsInstancesWhatTheyAre(t *testing.T) {
	eachData(t, func(t *testing.T, data hostfuncs.Data) {
		for _, c := range []struct {
			ability, instance string
			value             map[string]any
			want              string
		}{
			{"update", "7", map[string]any{"id": "9"}, "invalid"},
			{"update", "7", map[string]any{"id": "9", "name": "Ida"}, "invalid"},
			{"update", "7", map[string]any{"id": "8"}, "invalid"},
			{"update", "7", map[string]any{"id": nil, "name": "Ida"}, "invalid"},
			{"update", "7", map[string]any{"id": int64(7), "name": "Ida"}, "invalid"},
			{"update", "7", map[string]any{"id": "7", "name": "Ida"}, "map[id:7 name:Ida]"},
			{"update", "9", map[string]any{"name": "of another tenant"}, "not found"},
			{"create", "6", map[string]any{"id": "5", "name": "Cy"}, "invalid"},
			{"create", "6", map[string]any{"id": nil, "name": "Cy"}, "invalid"},
			{"create", "6", map[string]any{"id": "6", "name": "Cy"}, "map[id:6 name:Cy]"},
			{"create", "5", map[string]any{"name": "Di"}, "map[id:5 name:Di]"},
		} {
			got := outcome(data, &hostfuncs.DataQuery{Ability: c.ability, Key: "id", Instance: c.instance, Value: c.value})
			if got != c.want {
				t.Errorf("%s %s %v: %s, want %s", c.ability, c.instance, c.value, got, c.want)
			}
		}
		want := "[map[id:5 name:Di] map[id:6 name:Cy] map[id:7 name:Ida] map[id:8 name:Bob]]"
		if got := outcome(data, &hostfuncs.DataQuery{Ability: "view"}); got != want {
			t.Errorf("there are %s, want %s", got, want)
		}
	})
}

func TestSQLModelsThatAreNone(t *testing.T) {
	whole := hostfuncs.SQLModel{Table: "t", Key: "id", Tenant: "org", Columns: []string{"id", "name"}, Writable: []string{"id", "name"}}
	for want, change := range map[string]func(*hostfuncs.SQLModel){
		"":                       func(*hostfuncs.SQLModel) {},
		"it needs a table":       func(m *hostfuncs.SQLModel) { m.Table = "" },
		"a key":                  func(m *hostfuncs.SQLModel) { m.Key = "" },
		"one of its columns":     func(m *hostfuncs.SQLModel) { m.Columns = []string{"name"} },
		`"org" says whose`:       func(m *hostfuncs.SQLModel) { m.Writable = []string{"name", "org"} },
		`"ORG" says whose`:       func(m *hostfuncs.SQLModel) { m.Writable = []string{"ORG"} }, // SQLite takes names in either case
		`"Id" is the key`:        func(m *hostfuncs.SQLModel) { m.Writable = []string{"Id"} },
		"cannot also be its key": func(m *hostfuncs.SQLModel) { m.Tenant = "ID" },
	} {
		m := whole
		change(&m)
		_, err := hostfuncs.NewSQLData(nil, map[string]hostfuncs.SQLModel{"Attendee": m})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", cmp.Or(want, "whole"), err)
		}
	}
}
