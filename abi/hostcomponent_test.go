package abi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// acme is what the host of the tests registers.
const acme = `{"components": [
  {"name": "acme.map", "doc": "A map with one pin.",
   "props": {"zoom": {"kind": "number", "required": true}, "mode": {"values": ["street", "satellite"]},
     "more": {"kind": "link"}, "pinned": {"kind": "bool"}, "title": {"kind": "text", "doc": "What is shown."}},
   "calls": {"pick": {"detail": {"type": "string", "maxLength": 5}}, "map-closed": {}},
   "slots": ["", "legend"]},
  {"name": "clock"}
]}`

func registered(t testing.TB) *abi.HostComponents {
	t.Helper()
	c, err := abi.ParseHostComponents([]byte(acme))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHostComponentsAreRead(t *testing.T) {
	c := registered(t)
	if got := fmt.Sprint(c.Names()); got != "[acme.map clock]" {
		t.Error(got)
	}
	m := c.Find("acme.map")
	if len(m.Props) != 5 || m.Props[0].Name != "zoom" || !m.Props[0].Required || m.Props[1].Kind != abi.KindEnum || m.Props[2].Kind != abi.KindLink ||
		len(m.Calls) != 2 || m.Calls[0].Detail == nil || m.Calls[1].Detail != nil || fmt.Sprintf("%q", m.Slots) != `["" "legend"]` {
		t.Errorf("%+v", m)
	}
	if only := c.Only([]string{"clock", "none"}); fmt.Sprint(only.Names()) != "[clock]" || only.Find("acme.map") != nil {
		t.Errorf("%v", only.Names())
	}
	var none *abi.HostComponents
	if none.Find("clock") != nil || none.Names() != nil || len(none.Only([]string{"clock"}).Names()) != 0 {
		t.Error("nil has components")
	}
}

func TestHostComponentsAreReadStrictly(t *testing.T) {
	for _, c := range []struct{ old, new, at, want string }{
		{`"components"`, `"Components"`, "1:2", "no key"},
		{`"doc": "A map`, `"docs": "A map`, "2:24", "no key"},
		{`{"name": "clock"}`, `{}`, "7:3", `lacks its key "name"`},
		{`"clock"`, `"Clock"`, "7:12", `name "Clock" is not valid`},
		{`"clock"`, `"acme.map"`, "7:3", "it is there twice"},
		{`{"name": "clock"}`, `{"name": "clock", "props": {"__proto__": {"kind": "text"}}}`, "7:31", "not a plain name"},
		{`"pinned"`, `"Zoom"`, "4:32", "there twice"},
		{`"kind": "bool"`, `"kind": "object"`, "4:51", `no kind "object"`},
		{`"kind": "bool"`, `"kind": "bool", "values": ["a"]`, "4:32", "no kind, or values as well"},
		{`"kind": "bool"`, `"required": true`, "4:32", "no kind, or values as well"},
		{`["street", "satellite"]`, `["street", "street"]`, "2:3", `property "mode" has a value that is there twice`},
		{`["street", "satellite"]`, `[]`, "3:60", "no kind"},
		{`"map-closed": {}`, `"map-closed": null`, "5:84", "an object"},
		{`"map-closed"`, `"onClick"`, "5:70", `call "onClick"`},
		{`"maxLength": 5`, `"maxLength": -5`, "5:65", "maxLength"},
		{`"maxLength": 5`, `"$ref": "#"`, "5:52", "no key"},
		{`"legend"`, `""`, "6:18", "slot"},
		{`"legend"`, `"a b"`, "6:18", "slot"},
		{"]}", "]} x", "8:4", "behind the end"},
	} {
		text := strings.Replace(acme, c.old, c.new, 1)
		if c.new == "]} x" {
			text = acme + " x"
		}
		got, err := abi.ParseHostComponents([]byte(text))
		var e *abi.ManifestError
		if got != nil || !errors.As(err, &e) {
			t.Errorf("%s: %v, %v", c.new, got, err)
			continue
		}
		if at := fmt.Sprintf("%d:%d", e.Line, e.Column); at != c.at || !strings.Contains(e.Message, c.want) || !strings.HasPrefix(err.Error(), "components.json:"+at+": ") {
			t.Errorf("%s: %v, want %s %s", c.new, err, c.at, c.want)
		}
	}
}

// What is registered in Go is held to the same.
func TestHostComponentsInGo(t *testing.T) {
	right := abi.HostComponent{Name: "acme.map", Props: []abi.HostProperty{{Name: "zoom", Kind: abi.KindNumber}},
		Calls: []abi.HostCall{{Name: "pick"}}, Slots: []string{""}}
	if c, err := abi.NewHostComponents(right); err != nil || c.Find("acme.map") == nil {
		t.Fatal(err)
	}
	if _, err := abi.NewHostComponents(right, right); !errors.Is(err, abi.ErrHostComponent) || !strings.Contains(err.Error(), "twice") {
		t.Error(err)
	}
	for name, change := range map[string]func(*abi.HostComponent){
		"name":              func(c *abi.HostComponent) { c.Name = "a b" },
		"no name":           func(c *abi.HostComponent) { c.Name = "" },
		"kind":              func(c *abi.HostComponent) { c.Props[0].Kind = abi.KindDrawing },
		"values":            func(c *abi.HostComponent) { c.Props[0].Values = []string{"a"} },
		"enum without":      func(c *abi.HostComponent) { c.Props[0].Kind = abi.KindEnum },
		"property's name":   func(c *abi.HostComponent) { c.Props[0].Name = "inner-html" },
		"property twice":    func(c *abi.HostComponent) { c.Props = append(c.Props, c.Props[0]) },
		"call twice":        func(c *abi.HostComponent) { c.Calls = append(c.Calls, c.Calls[0]) },
		"slot twice":        func(c *abi.HostComponent) { c.Slots = append(c.Slots, "") },
		"too many of these": func(c *abi.HostComponent) { c.Slots = make([]string, 65) },
	} {
		c := right
		c.Props, c.Calls, c.Slots = append([]abi.HostProperty(nil), right.Props...), append([]abi.HostCall(nil), right.Calls...), append([]string(nil), right.Slots...)
		change(&c)
		if got, err := abi.NewHostComponents(c); got != nil || !errors.Is(err, abi.ErrHostComponent) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// hostTree is a host node with a fallback and, unless slot is "-", a part.
func hostTree(t testing.TB, name, props, slot string) *abi.Tree {
	t.Helper()
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	w.Open(abi.ComponentHost)
	w.Text(0, name)
	w.Text(1, "A map")
	if props != "" {
		w.Text(2, props)
	}
	w.On(0, 7)
	if slot != "-" {
		w.Open(abi.ComponentPart)
		w.Text(0, slot)
		w.Close()
	}
	w.Open(abi.ComponentFallback)
	w.Close()
	w.Close()
	w.Close()
	tree := new(abi.Tree)
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	return tree
}

func property(tree *abi.Tree, number uint8) string {
	p, ok := tree.Prop(1, number)
	if !ok {
		return "none"
	}
	return string(tree.Bytes(p))
}

func TestHostNodesDegrade(t *testing.T) {
	all := registered(t)
	for _, c := range []struct{ name, component, props, slot, why string }{
		{"right", "acme.map", `{"zoom": 3.5, "mode": "satellite", "more": "https://example.com/map", "pinned": true, "title": "<b>"}`, "legend", ""},
		{"without what need not be", "acme.map", `{"zoom":0}`, "", ""},
		{"no properties", "clock", "", "-", ""},
		{"nothing of them", "clock", " {} ", "-", ""},
		{"another", "acme.mop", "", "-", "not registered it"},
		{"an object's own", "constructor", "", "-", "not registered it"},
		{"lacks one", "acme.map", `{}`, "-", `lacks its key "zoom"`},
		{"lacks all", "acme.map", ``, "-", `lacks its key "zoom"`},
		{"unknown", "acme.map", `{"zoom": 1, "innerHTML": "x"}`, "-", `no key "innerHTML"`},
		{"prototype", "clock", `{"__proto__": {}}`, "-", `no key "__proto__"`},
		{"doubled", "acme.map", `{"zoom": 1, "zoom": 2}`, "-", "there twice"},
		{"doubled by an escape", "acme.map", `{"zoom": 1, "\u007aoom": 2}`, "-", "there twice"},
		{"text for number", "acme.map", `{"zoom": "1"}`, "-", "zoom is no number"},
		{"null for number", "acme.map", `{"zoom": null}`, "-", "zoom is no number"},
		{"number for bool", "acme.map", `{"zoom": 1, "pinned": 1}`, "-", "neither true nor false"},
		{"script", "acme.map", `{"zoom": 1, "more": "javascript:alert(1)"}`, "-", "no address that a person may follow"},
		{"script behind a tab", "acme.map", `{"zoom": 1, "more": "java\tscript:alert(1)"}`, "-", "no address that a person may follow"},
		{"other value", "acme.map", `{"zoom": 1, "mode": "Street"}`, "-", "none of its values"},
		{"an object for text", "acme.map", `{"zoom": 1, "title": {"html": "x"}}`, "-", "a string"},
		{"no object", "clock", `[]`, "-", "an object"},
		{"more behind", "clock", `{} {}`, "-", "behind the end"},
		{"huge number", "acme.map", `{"zoom": 1e999}`, "-", "keep exact"},
		{"other slot", "acme.map", `{"zoom": 1}`, "side", `no slot "side"`},
		{"no slots", "clock", ``, "", `no slot ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := hostTree(t, c.component, c.props, c.slot)
			var why []*abi.HostComponentError
			all.Degrade(tree, func(err *abi.HostComponentError) { why = append(why, err) })
			if c.why == "" {
				if want := c.props; why != nil || property(tree, 0) != c.component || want != "" && property(tree, 2) != want {
					t.Fatalf("%v: %s %s", why, property(tree, 0), property(tree, 2))
				}
				return
			}
			if len(why) != 1 || !errors.Is(why[0], abi.ErrHostComponent) || why[0].Component != c.component || !strings.Contains(why[0].Error(), c.why) {
				t.Errorf("%v, want %s", why, c.why)
			}
			if property(tree, 0) != "" || c.props != "" && property(tree, 2) != "" || property(tree, 1) != "A map" {
				t.Errorf("name %q, props %q, label %q are left", property(tree, 0), property(tree, 2), property(tree, 1))
			}
		})
	}
}

func TestHostCalls(t *testing.T) {
	all := registered(t)
	call := func(name, detail string) []abi.PayloadField {
		return []abi.PayloadField{{Data: []byte(name)}, {Data: []byte(detail)}}
	}
	for _, c := range []struct{ name, component, call, detail, why string }{
		{"right", "acme.map", "pick", `"here"`, ""},
		{"nothing", "acme.map", "map-closed", `null`, ""},
		{"too long", "acme.map", "pick", `"elsewhere"`, "call pick"},
		{"other type", "acme.map", "pick", `{"x":1}`, "call pick"},
		{"no JSON", "acme.map", "pick", `here`, "call pick"},
		{"no detail", "acme.map", "pick", ``, "call pick"},
		{"something", "acme.map", "map-closed", `1`, "nothing should"},
		{"half a pair", "acme.map", "pick", `"\ud800"`, "surrogate"},
		{"unknown", "acme.map", "toString", `null`, `no call "toString"`},
		{"degraded", "", "pick", `"here"`, "not shown"},
		{"deep", "acme.map", "pick", strings.Repeat("[", 1000), "nested deeper"},
	} {
		err := all.CheckCall(hostTree(t, c.component, "", "-"), 1, call(c.call, c.detail))
		if c.why == "" && err != nil || c.why != "" && (!errors.Is(err, abi.ErrHostComponent) || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.why)
		}
	}
}

// The properties that are looked at by number are those of the catalog.
func TestHostPropertiesAreTheCatalogs(t *testing.T) {
	host, part := abi.ComponentAt(abi.ComponentHost), abi.ComponentAt(abi.ComponentPart)
	if host.Props[0].Name != "name" || host.Props[2].Name != "props" || part.Props[0].Name != "slot" || host.Events[0].Fields[1].Name != "detail" {
		t.Errorf("%+v %+v", host, part)
	}
}

func FuzzHostComponents(f *testing.F) {
	f.Add([]byte(acme))
	f.Add([]byte(`{"components": []}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := abi.ParseHostComponents(in)
		if err != nil {
			var e *abi.ManifestError
			if c != nil || !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || len(err.Error()) > 4096 {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		var peer struct{ Components []struct{ Name string } }
		if err := json.Unmarshal(in, &peer); err != nil || len(peer.Components) != len(c.Names()) {
			t.Fatalf("encoding/json reads %+v, %v", peer, err)
		}
		for _, p := range peer.Components {
			if found := c.Find(p.Name); found == nil {
				t.Fatalf("no %q", p.Name)
			} else if _, err := abi.NewHostComponents(*found); err != nil {
				t.Fatalf("what was read cannot be registered: %v", err)
			}
		}
	})
}

// FuzzHostProps: what is shown is what every reader of JSON reads, and nothing that was not registered.
func FuzzHostProps(f *testing.F) {
	for _, s := range []string{`{"zoom": 3.5, "mode": "satellite", "more": "https://example.com/map", "pinned": true, "title": "<b>"}`, `{"zoom":1,"zoom":2}`, `{"zoom":null}`, `"x"`} {
		f.Add(s, s)
	}
	all := registered(f)
	f.Fuzz(func(t *testing.T, props, detail string) {
		var w abi.TreeWriter
		w.Open(abi.ComponentHost)
		w.Text(0, "acme.map")
		w.Text(1, "A map")
		w.Text(2, props)
		w.Close()
		tree := new(abi.Tree)
		if tree.Decode(w.Bytes(), nil) != nil {
			return
		}
		checkShown(t, all, tree, props)
		if all.CheckCall(tree, 0, []abi.PayloadField{{Data: []byte("pick")}, {Data: []byte(detail)}}) == nil {
			var s string
			if json.Unmarshal([]byte(detail), &s) != nil || len([]rune(s)) > 5 {
				t.Fatalf("%q was let in", detail)
			}
		}
	})
}

func checkShown(t *testing.T, all *abi.HostComponents, tree *abi.Tree, props string) {
	good := true
	all.Degrade(tree, func(err *abi.HostComponentError) {
		good = false
		if len(err.Error()) > 4096 {
			t.Fatalf("%d bytes of error", len(err.Error()))
		}
	})
	if !good || props == "" {
		return
	}
	var peer map[string]any
	if err := json.Unmarshal([]byte(props), &peer); err != nil {
		t.Fatalf("encoding/json refuses it: %v", err)
	}
	for name, v := range peer {
		ok := false
		switch name {
		case "zoom":
			_, ok = v.(float64)
		case "pinned":
			_, ok = v.(bool)
		case "mode":
			ok = v == "street" || v == "satellite"
		case "more":
			s, isText := v.(string)
			ok = isText && abi.ValidLink(s)
		case "title":
			_, ok = v.(string)
		}
		if !ok {
			t.Fatalf("%s is shown as %v", name, v)
		}
	}
}
