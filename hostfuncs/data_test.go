package hostfuncs_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
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

// rights is a gate for data: abilities, each of an instance or, as "update 7" has it, of one.
type rights map[string]bool

func (r rights) gate(t *testing.T, permitted *int) *gate {
	holds := func(n *abi.Need) abi.Code {
		if r[n.Ability] || r[n.Ability+" "+n.Instance] {
			return abi.CodeOK
		}
		return abi.CodeDenied
	}
	return &gate{holds: holds, permit: func(n *abi.Need) abi.Code {
		*permitted++
		if n.Optional {
			t.Errorf("it takes of a budget for %+v", n)
		}
		return holds(n)
	}}
}

// An update is no way to read what a plugin may not view: not by what it answers, and not where it changes nothing.
func TestToChangeIsNotToRead(t *testing.T) {
	both := rights{"update": true, "view": true}
	cases := map[string]struct {
		rights            rights
		ability, instance string
		value             map[string]any
		want              string
	}{
		"update alone":             {rights{"update": true}, "update", "7", map[string]any{"name": "Ida"}, "<nil>"},
		"of one":                   {rights{"update 7": true}, "update", "7", map[string]any{"name": "Ida"}, "<nil>"},
		"with view":                {both, "update", "7", map[string]any{"name": "Ida"}, "map[id:7 name:Ida]"},
		"with view of this one":    {rights{"update 7": true, "view 7": true}, "update", "7", map[string]any{"name": "Ida"}, "map[id:7 name:Ida]"},
		"with view of another one": {rights{"update": true, "view 8": true}, "update", "7", map[string]any{"name": "Ida"}, "<nil>"},
		"of nothing":               {rights{"update": true}, "update", "7", map[string]any{}, "invalid"},
		"of the key":               {rights{"update": true}, "update", "7", map[string]any{"id": "7"}, "invalid"},
		"of nothing, with view":    {both, "update", "7", map[string]any{}, "invalid"},
		"of the key, with view":    {both, "update", "7", map[string]any{"id": "7"}, "invalid"},
		"view alone":               {rights{"view": true}, "update", "7", map[string]any{"name": "Ida"}, "denied"},
		"create alone":             {rights{"create": true}, "create", "6", map[string]any{"name": "Cy"}, "<nil>"},
		"create with view":         {rights{"create": true, "view": true}, "create", "6", map[string]any{"name": "Cy"}, "map[id:6 name:Cy]"},
		"create of nothing more":   {rights{"create": true}, "create", "6", map[string]any{}, "<nil>"},
		"delete":                   {rights{"delete": true, "view": true}, "delete", "7", nil, "<nil>"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			eachData(t, func(t *testing.T, data hostfuncs.Data) {
				permitted, box := 0, newLetterbox(t)
				opts := &hostfuncs.Options{Gate: c.rights.gate(t, &permitted), Services: &hostfuncs.Services{Data: data}, Subject: *acme, Post: box.post}
				p := newProbe(t, opts)
				q := map[string]any{"model": "Attendee", "ability": c.ability, "key": "id", "instance": c.instance}
				if c.value != nil {
					q["value"] = c.value
				}
				if got := strings.TrimPrefix(fmt.Sprint(p.value(p.ask("data.request", q))), "vitrine: "); got != c.want {
					t.Errorf("request: %s, want %s", got, c.want)
				}
				if refused := p.env.Refused(); permitted != 1 || (refused != "") != (c.want == "denied") {
					t.Errorf("%d permits, refused %q", permitted, refused)
				}
			})
		})
	}
}

// otherData is an application's own: it answers everything to everybody.
type otherData struct{}

func (otherData) Access(context.Context, *hostfuncs.Subject, *hostfuncs.DataQuery) (any, error) {
	return map[string]any{"id": "7", "name": "Ada"}, nil
}

// The same holds for an application's own Data. What its own abilities answer, and which instance it has made, is for it to say.
func TestToChangeOtherDataIsNotToRead(t *testing.T) {
	permitted, box := 0, newLetterbox(t)
	r := rights{"update": true, "checkIn": true, "create": true}
	p := newProbe(t, &hostfuncs.Options{Gate: r.gate(t, &permitted), Services: &hostfuncs.Services{Data: otherData{}}, Post: box.post})
	for i, c := range []struct{ ability, instance, want string }{
		{"update", "7", "<nil>"}, {"update", "", "<nil>"}, {"create", "7", "<nil>"},
		{"create", "", "map[id:7 name:Ada]"}, {"checkIn", "7", "map[id:7 name:Ada]"},
	} {
		q := map[string]any{"model": "Attendee", "ability": c.ability, "value": map[string]any{"name": "x"}}
		if c.instance != "" {
			q["key"], q["instance"] = "id", c.instance
		}
		if got := fmt.Sprint(p.value(p.ask("data.request", q))); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.ability, c.instance, got, c.want)
		}
		p.expect(int64(i+1), "data.start", p.args(q)...)
		if got, want := box.next(), fmt.Sprintf("answer %d %s", i+1, c.want); got != want {
			t.Errorf("%s %q: %s, want %s", c.ability, c.instance, got, want)
		}
	}
}

// A record that is on its way when one of the rights ends that it takes does not arrive.
func TestRevokingViewEndsWhatAnUpdateAnswers(t *testing.T) {
	for ends, want := range map[string]string{"view": "error 1 -1", "update": "error 1 -1", "create": "answer 1 map[id:7 name:Ada]"} {
		permitted, box := 0, newLetterbox(t)
		var mu sync.Mutex
		r := rights{"update": true, "view": true}
		g := r.gate(t, &permitted)
		g.holds = func(n *abi.Need) abi.Code {
			mu.Lock()
			defer mu.Unlock()
			if r[n.Ability] {
				return abi.CodeOK
			}
			return abi.CodeDenied
		}
		p := newProbe(t, &hostfuncs.Options{Gate: g, Services: &hostfuncs.Services{Data: otherData{}}, Post: box.post})
		p.expect(1, "data.start", p.args(map[string]any{"model": "Attendee", "ability": "update", "key": "id", "instance": "7", "value": map[string]any{"name": "x"}})...)
		m := <-box.mail // the answer waits for its turn
		mu.Lock()
		r[ends] = false
		mu.Unlock()
		box.mail <- m
		if got := box.next(); got != want {
			t.Errorf("without %s: %s, want %s", ends, got, want)
		}
		p.waitsForNothing()
	}
}
