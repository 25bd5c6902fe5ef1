package abi_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleTreeWriter() {
	var w abi.TreeWriter
	w.Open(abi.ComponentButton)
	w.Text(0, "+1")
	w.On(0, 7)
	w.Close()
	fmt.Printf("% x\n", w.Bytes())
	// Output: 01 03 03 01 02 2b 31 04 00 07 00
}

func ExampleTree_Decode() {
	var t abi.Tree
	err := t.Decode([]byte{1, 3, 3, 1, 2, '+', '1', 4, 0, 7, 0}, nil)
	node := t.Nodes[0]
	text, _ := t.Prop(0, 0)
	fmt.Printf("%s %q %v %v\n", abi.ComponentAt(node.Component).Name, t.Bytes(text), t.HandlersOf(0), err)

	fmt.Println(t.Decode([]byte{1, 3, 0}, nil), len(t.Nodes))
	// Output:
	// button "+1" [{0 7}] <nil>
	// abi: malformed: offset 3: button lacks its property text 0
}

// A treeVector is a file of testdata/tree: an op stream, and the tree that it is or what is wrong.
type treeVector struct {
	About  string         `json:"about"`
	Ops    string         `json:"ops"` // hex
	Limits abi.TreeLimits `json:"limits"`
	Tree   any            `json:"tree"`
	Error  string         `json:"error"` // part of the message
	Limit  bool           `json:"limit"` // whether a limit was passed
}

func treeVectors(t testing.TB) map[string]treeVector {
	files, err := filepath.Glob("testdata/tree/*.json")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	out := map[string]treeVector{}
	for _, file := range files {
		var v treeVector
		readJSON(t, file, &v)
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = v
	}
	return out
}

func TestTreeVectors(t *testing.T) {
	var tree abi.Tree // one for all: what was in it before must not matter
	for name, v := range treeVectors(t) {
		t.Run(name, func(t *testing.T) {
			ops := unhex(t, v.Ops)
			err := tree.Decode(ops, &v.Limits)
			if v.Error != "" {
				if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), v.Error) || errors.Is(err, abi.ErrLimit) != v.Limit {
					t.Errorf("got %v, want %q", err, v.Error)
				}
				if len(tree.Nodes)+len(tree.Props)+len(tree.Handlers)+len(tree.Append(nil)) > 0 {
					t.Error("the tree is not empty after an error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := tree.Append([]byte{9}); !bytes.Equal(got[1:], ops) || got[0] != 9 {
				t.Errorf("came back as %x", got[1:])
			}
			if got := readable(&tree); !reflect.DeepEqual(got, v.Tree) {
				t.Errorf("got  %v\nwant %v", got, v.Tree)
			}
		})
	}
}

// readable is a tree as the vectors write it.
func readable(t *abi.Tree) any {
	node, _ := readableNode(t, 0)
	b, _ := json.Marshal(node)
	var out any
	_ = json.Unmarshal(b, &out)
	return out
}

func readableNode(t *abi.Tree, i int) (out map[string]any, next int) {
	comp := abi.ComponentAt(t.Nodes[i].Component)
	out = map[string]any{"component": comp.Name}
	if key := t.Key(i); len(key) > 0 {
		out["key"] = string(key)
	}
	props, on := map[string]any{}, map[string]any{}
	for _, p := range t.PropsOf(i) {
		props[comp.Props[p.Number].Name] = readableValue(t, &comp.Props[p.Number], p)
	}
	for _, h := range t.HandlersOf(i) {
		on[comp.Events[h.Event].Name] = h.Handler
	}
	var children []any
	next = i + 1
	for range t.Nodes[i].Children {
		var child map[string]any
		child, next = readableNode(t, next)
		children = append(children, child)
	}
	for name, v := range map[string]any{"props": props, "on": on, "children": children} {
		if reflect.ValueOf(v).Len() > 0 {
			out[name] = v
		}
	}
	return out, next
}

func readableValue(t *abi.Tree, spec *abi.Property, p abi.Prop) any {
	switch spec.Kind {
	case abi.KindText, abi.KindAsset, abi.KindLink:
		return string(t.Bytes(p))
	case abi.KindDrawing:
		return hex.EncodeToString(t.Bytes(p))
	case abi.KindBool:
		return p.Bits == 1
	case abi.KindInt:
		return p.Int()
	case abi.KindEnum:
		return spec.Values[p.Bits]
	}
	return p.Float()
}

func TestTreeCutOffAnywhere(t *testing.T) {
	var tree abi.Tree
	for name, v := range treeVectors(t) {
		if v.Error != "" {
			continue
		}
		ops := unhex(t, v.Ops)
		for n := range ops {
			if err := tree.Decode(ops[:n], &v.Limits); !errors.Is(err, abi.ErrMalformed) {
				t.Errorf("%s: %d of %d bytes: %v", name, n, len(ops), err)
			}
		}
	}
}

// wide is a tree of n texts in a box, each with a key.
func wide(n int, key func(i int) string) []byte {
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	for i := range n {
		w.Open(abi.ComponentText)
		if k := key(i); k != "" {
			w.Key(k)
		}
		w.Text(0, "x")
		w.Close()
	}
	w.Close()
	return w.Bytes()
}

func TestTreeOfManyNodes(t *testing.T) {
	none := func(int) string { return "" }
	for _, c := range []struct {
		name string
		ops  []byte
		want string
	}{
		{"20,000 nodes", wide(abi.DefaultTreeNodes-1, func(i int) string { return fmt.Sprint("k", i) }), ""},
		{"20,001 nodes", wide(abi.DefaultTreeNodes, none), "more than 20000 nodes"},
		{"a million nodes", wide(1_000_000, none), "bytes, 4194304 are allowed"},
		{"equal keys", wide(abi.DefaultTreeNodes-1, func(int) string { return "same" }), `key "same" is doubled`},
		{"depth 100,000", bytes.Repeat([]byte{1, 0}, 100_000), "nest deeper than 64"},
		{"50 MB", make([]byte, 50<<20), "bytes, 4194304 are allowed"},
	} {
		var tree abi.Tree
		var err error
		withinASecond(t, c.name, func() { err = tree.Decode(c.ops, nil) })
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// The table of keys of one parent must not be paid for by every other: this took as long as the one
// large parent times the number of the small ones.
func TestTreeKeysOfManyParents(t *testing.T) {
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	child := func(key string) {
		w.Open(abi.ComponentBox)
		w.Key(key)
		w.Close()
	}
	for i := range 8000 {
		child(fmt.Sprint(i))
	}
	for range 3900 {
		w.Open(abi.ComponentBox)
		child("a")
		child("b")
		w.Close()
	}
	w.Close()
	var tree abi.Tree
	withinASecond(t, "11,900 keys", func() {
		for range 5 {
			if err := tree.Decode(w.Bytes(), nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTreeErrorsAreShort(t *testing.T) {
	long := strings.Repeat("\x01", abi.DefaultTextBytes)
	var tree abi.Tree
	for _, build := range []func(w *abi.TreeWriter){
		func(w *abi.TreeWriter) { w.Open(abi.ComponentImage); w.Text(0, long[:128]) },
		func(w *abi.TreeWriter) {
			w.Open(abi.ComponentBox)
			for range 2 {
				w.Open(abi.ComponentBox)
				w.Key(long[:64])
				w.Close()
			}
			w.Close()
		},
	} {
		var w abi.TreeWriter
		build(&w)
		if err := tree.Decode(w.Bytes(), nil); err == nil || len(err.Error()) > 300 || strings.Contains(err.Error(), "\x01") {
			t.Errorf("%q", err)
		}
	}
}

func TestTreeOwnsWhatItDecoded(t *testing.T) {
	ops := unhex(t, treeVectors(t)["button"].Ops)
	var tree, copied abi.Tree
	if err := tree.Decode(ops, nil); err != nil {
		t.Fatal(err)
	}
	want := tree.Append(nil)
	clear(ops)
	copied.CopyFrom(&tree)
	if got := tree.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("changed with its input: %x", got)
	}
	tree.Reset()
	if err := tree.Decode([]byte{1, 0, 0}, nil); err != nil || !bytes.Equal(copied.Append(nil), want) {
		t.Errorf("the copy changed with the original: %v", err)
	}
	// What a tree hands out has no room behind it.
	p := copied.Props[0]
	if b := copied.Bytes(p); cap(b) != len(b) || cap(copied.PropsOf(0)) != 1 || cap(copied.HandlersOf(0)) != 1 || cap(copied.Key(0)) != 0 {
		t.Error("an append would write into the tree")
	}
}

func TestTreeLimitsDefaults(t *testing.T) {
	want := abi.TreeLimits{Bytes: 4 << 20, Nodes: 20_000, Depth: 64, Text: 64 << 10, Draw: 64 << 10}
	if got := (*abi.TreeLimits)(nil).OrDefaults(); got != want {
		t.Errorf("nil: %+v", got)
	}
	if got := (&abi.TreeLimits{Nodes: 5, Depth: -1}).OrDefaults(); got.Nodes != 5 || got.Depth != 64 || got.Text != want.Text {
		t.Errorf("%+v", got)
	}
	if got := (&abi.TreeLimits{Depth: 65}).OrDefaults(); got.Depth != 64 {
		t.Errorf("a page would refuse depth %d", got.Depth)
	}
}

// fields is a box of three text fields, the second without a value.
func fields(t *testing.T) *abi.Tree {
	t.Helper()
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	for i := range 3 {
		w.Open(abi.ComponentTextfield)
		w.Key(fmt.Sprint("field", i))
		if i != 1 {
			w.Text(0, fmt.Sprint("value", i))
		}
		w.Text(1, fmt.Sprint("label", i))
		w.On(1, uint32(i))
		w.Close()
	}
	w.Open(abi.ComponentNumberfield)
	w.Text(1, "n")
	w.Close()
	w.Close()
	tree := new(abi.Tree)
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	return tree
}

// valueOf is the text of property 0 of a node, "-" if it has none.
func valueOf(t *abi.Tree, i int) string {
	if p, ok := t.Prop(i, 0); ok {
		return string(t.Bytes(p))
	}
	return "-"
}

func TestSetValue(t *testing.T) {
	tree := fields(t)
	for i, want := range []string{"value0", "-", "value2"} {
		if got := valueOf(tree, i+1); got != want {
			t.Errorf("before: %q, want %q", got, want)
		}
	}
	tree.SetValue(2, 0, abi.WireBytes, 0, []byte("new"))   // was not there: moves what follows
	tree.SetValue(1, 0, abi.WireBytes, 0, []byte("other")) // replaces
	tree.SetValue(3, 0, abi.WireBytes, 0, nil)             // empties
	tree.SetValue(4, 0, abi.WireFloat, math.Float64bits(2.5), nil)
	tree.SetValue(4, 0, abi.WireFloat, math.Float64bits(3.5), nil)
	for i, want := range []string{"other", "new", ""} {
		label, _ := tree.Prop(i+1, 1)
		if got := valueOf(tree, i+1); got != want || string(tree.Bytes(label)) != fmt.Sprint("label", i) {
			t.Errorf("field %d: %q, want %q; label %q", i, got, want, tree.Bytes(label))
		}
	}
	if p, _ := tree.Prop(4, 0); p.Float() != 3.5 {
		t.Errorf("number is %v", p.Float())
	}
	// The tree is still one that a guest could have written.
	var again abi.Tree
	if err := again.Decode(tree.Append(nil), nil); err != nil || !reflect.DeepEqual(readable(&again), readable(tree)) {
		t.Errorf("%v\n%v\n%v", err, readable(&again), readable(tree))
	}
}

func TestSetValueGivesMemoryBack(t *testing.T) {
	tree := fields(t)
	before := tree.Bytes(tree.PropsOf(1)[1])
	long := bytes.Repeat([]byte("x"), abi.MaxPayload)
	for range 2000 {
		tree.SetValue(1, 0, abi.WireBytes, 0, long)
		tree.SetValue(2, 0, abi.WireBytes, 0, long[:1000])
		tree.SetValue(1, 0, abi.WireBytes, 0, nil)
	}
	if n := tree.Held(); n > 4*abi.MaxPayload {
		t.Errorf("%d bytes held", n)
	}
	if string(before) != "label0" || valueOf(tree, 3) != "value2" || string(tree.Key(3)) != "field2" || valueOf(tree, 2) != string(long[:1000]) {
		t.Error("something else changed")
	}
}

func TestSetValueIsBounded(t *testing.T) {
	var tree abi.Tree
	limits := &abi.TreeLimits{Bytes: 10_000}
	if err := tree.Decode(wide(500, func(int) string { return "" }), limits); err != nil {
		t.Fatal(err)
	}
	long := bytes.Repeat([]byte("x"), 1000)
	var fitted int
	for i := range 500 {
		if tree.SetValue(i+1, 0, abi.WireBytes, 0, long) {
			fitted++
		} else if valueOf(&tree, i+1) != "x" {
			t.Fatal("a value that did not fit was set")
		}
	}
	if fitted < 10 || fitted > 20 {
		t.Errorf("%d values of 1,000 bytes fitted", fitted)
	}
}
