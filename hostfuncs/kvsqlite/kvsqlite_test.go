package kvsqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/hostfuncs/kvsqlite"
	"github.com/vitrine-run/vitrine/hostfuncs/storetest"
)

func open(t testing.TB, path string) *kvsqlite.Store {
	t.Helper()
	s, err := kvsqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) hostfuncs.Store { return open(t, filepath.Join(t.TempDir(), "kv ?#.sqlite")) })
}

func TestKeptInAFileOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kv.sqlite")
	s, err := kvsqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	change := &hostfuncs.Change{Value: []byte("v"), Quota: hostfuncs.Quota{Bytes: 10, Keys: 1}}
	if err := s.Put(context.Background(), "s", "k", change); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if v, err := open(t, path).Get(context.Background(), "s", "k"); err != nil || string(v) != "v" {
		t.Errorf("after opening it again: %q, %v", v, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if _, err := kvsqlite.Open(filepath.Join(path, "x")); err == nil {
		t.Error("a file below a file was opened")
	}
}

// The data that a host serves from tables of its own, in the same kind of database.
func TestSQLData(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "app.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE people (id TEXT, org TEXT, name TEXT, pass TEXT, age INTEGER, PRIMARY KEY (org, id));
		INSERT INTO people VALUES ('1', 'acme', 'Ann', 'canary', 30), ('2', 'acme', 'Bob', 'canary', NULL), ('1', 'other', 'Eve', 'canary', 1)`); err != nil {
		t.Fatal(err)
	}
	data, err := hostfuncs.NewSQLData(db, map[string]hostfuncs.SQLModel{"Person": {
		Table: "people", Key: "id", Tenant: "org", Columns: []string{"id", "name", "age"}, Writable: []string{"name", "age"}}})
	if err != nil {
		t.Fatal(err)
	}
	who := &hostfuncs.Subject{Tenant: "acme"}
	for _, c := range []struct {
		q    hostfuncs.DataQuery
		want string
	}{
		{hostfuncs.DataQuery{Ability: "view", Key: "id", Instance: "1"}, "map[age:30 id:1 name:Ann]"},
		{hostfuncs.DataQuery{Ability: "view", Key: "name", Instance: "Ann"}, "not found"},
		{hostfuncs.DataQuery{Ability: "view", Key: "id", Instance: "9"}, "not found"},
		{hostfuncs.DataQuery{Ability: "view", Key: "id", Instance: "1' OR '1'='1"}, "not found"},
		{hostfuncs.DataQuery{Ability: "view", Most: 10}, "[map[age:30 id:1 name:Ann] map[age:<nil> id:2 name:Bob]]"},
		{hostfuncs.DataQuery{Ability: "view", Most: 10, After: "1"}, "[map[age:<nil> id:2 name:Bob]]"},
		{hostfuncs.DataQuery{Ability: "update", Key: "id", Instance: "1", Value: map[string]any{"name": "Anne", "age": int64(31)}}, "map[age:31 id:1 name:Anne]"},
		{hostfuncs.DataQuery{Ability: "update", Key: "id", Instance: "1", Value: map[string]any{"pass": "x"}}, "invalid"},
		{hostfuncs.DataQuery{Ability: "update", Key: "id", Instance: "1", Value: map[string]any{"org": "other"}}, "invalid"},
		{hostfuncs.DataQuery{Ability: "update", Key: "id", Instance: "1", Value: map[string]any{`name" = 'x', "pass`: "x"}}, "invalid"},
		{hostfuncs.DataQuery{Ability: "update", Key: "id", Instance: "9", Value: map[string]any{"name": "x"}}, "not found"},
		{hostfuncs.DataQuery{Ability: "create", Key: "id", Instance: "3", Value: map[string]any{"name": "Cy"}}, "map[age:<nil> id:3 name:Cy]"},
		{hostfuncs.DataQuery{Ability: "create", Key: "id", Instance: "3", Value: map[string]any{"name": "Di"}}, "conflict"},
		{hostfuncs.DataQuery{Ability: "delete", Key: "id", Instance: "3"}, "<nil>"},
		{hostfuncs.DataQuery{Ability: "delete", Key: "id", Instance: "3"}, "not found"},
		{hostfuncs.DataQuery{Ability: "approve", Key: "id", Instance: "1"}, "unsupported"},
	} {
		c.q.Model = "Person"
		v, err := data.Access(context.Background(), who, &c.q)
		got := fmt.Sprint(v)
		if err != nil {
			got = err.Error()
		}
		if got != c.want && !strings.Contains(got, "vitrine: "+c.want) {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
	var left int
	if err := db.QueryRow("SELECT count(*) FROM people WHERE pass = 'canary' AND (org = 'acme' OR name = 'Eve')").Scan(&left); err != nil || left != 3 {
		t.Errorf("%d rows are as they were, %v", left, err)
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "kv")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := kvsqlite.Open(filepath.Join(dir, "kv.sqlite"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	ctx := context.Background()
	quota := hostfuncs.Quota{Bytes: 8, Keys: 10}
	fmt.Println(store.Put(ctx, "space", "key", &hostfuncs.Change{Value: []byte("value"), Quota: quota}))
	err = store.Put(ctx, "space", "more", &hostfuncs.Change{Value: []byte("value"), Quota: quota})
	fmt.Println(errors.Is(err, abi.CodeLimit))
	// Output:
	// <nil>
	// true
}
