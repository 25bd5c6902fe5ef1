package abi_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExamplePatchWriter() {
	var tree abi.Tree
	_ = tree.Decode([]byte{1, 1, 3, 1, 2, '1', '2', 0}, nil) // a text that says 12
	text, _ := tree.Prop(0, 0)

	patch := abi.Patch{Mount: 1, Seq: 5, AckEv: 3}
	var w abi.PatchWriter
	w.Begin(patch.AppendHead(nil))
	w.Set(1, &tree, text)
	w.Delete(4)
	fmt.Printf("% x\n", w.Bytes())
	// Output: 04 01 05 03 21 04 31 32 65
}

func ExamplePatchReader() {
	var log opLog
	err := new(abi.PatchReader).Patch([]byte{0x21, 4, '1', '2', 0x65}, &log)
	fmt.Println(strings.Join(log.ops, "; "), err)
	// Output: set 1 0="12"; delete 4 <nil>
}

// opLog writes down what it hears.
type opLog struct{ ops []string }

func (l *opLog) add(format string, args ...any) { l.ops = append(l.ops, fmt.Sprintf(format, args...)) }

func (l *opLog) Open(component uint16) { l.add("open %d", component) }
func (l *opLog) On(event uint8)        { l.add("on %d", event) }
func (l *opLog) Close()                { l.add("close") }
func (l *opLog) Prop(p abi.Prop, data []byte) {
	l.add("prop %s", propString(p, data))
}
func (l *opLog) Set(node uint32, p abi.Prop, data []byte, guarded bool) {
	l.add("%s %d %s", map[bool]string{false: "set", true: "value"}[guarded], node, propString(p, data))
}
func (l *opLog) Splice(node uint32, tail, drop uint32, insert []byte) {
	l.add("splice %d %d %d %q", node, tail, drop, insert)
}
func (l *opLog) Unset(node uint32, number uint8)        { l.add("unset %d %d", node, number) }
func (l *opLog) Insert(parent, before uint32)           { l.add("insert %d before %d", parent, before) }
func (l *opLog) Delete(node uint32)                     { l.add("delete %d", node) }
func (l *opLog) Move(node, before uint32)               { l.add("move %d before %d", node, before) }
func (l *opLog) Bind(node uint32, event uint8, on bool) { l.add("bind %d %d %v", node, event, on) }
func propString(p abi.Prop, data []byte) string {
	if p.Wire == abi.WireBytes {
		return fmt.Sprintf("%d=%q", p.Number, data)
	}
	return fmt.Sprintf("%d=%#x", p.Number, p.Bits)
}

// plain is a tree as a page can know it: no keys, and handlers 0.
func plain(t *abi.Tree) []byte {
	var w abi.NodeBuilder
	var ends []int
	for i, n := range t.Nodes {
		w.Open(n.Component)
		for _, p := range t.PropsOf(i) {
			w.Prop(p, t.Bytes(p))
		}
		for _, h := range t.HandlersOf(i) {
			w.On(h.Event)
		}
		ends = append(ends, i+int(n.Size))
		for len(ends) > 0 && ends[len(ends)-1] == i+1 {
			w.Close()
			ends = ends[:len(ends)-1]
		}
	}
	return w.Bytes()
}

// roundTrip sends a tree as the body of a SNAP.
func roundTrip(t testing.TB, w *abi.PatchWriter, r *abi.PatchReader, tree *abi.Tree) {
	t.Helper()
	w.Reset()
	w.Begin(nil)
	w.Node(tree, 0)
	var b abi.NodeBuilder
	if err := r.Snap(w.Bytes(), &b); err != nil {
		t.Fatalf("%v of %x", err, w.Bytes())
	}
	var got abi.Tree
	if err := got.Decode(b.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	if want := plain(tree); !bytes.Equal(b.Bytes(), want) || !bytes.Equal(got.Append(nil), want) {
		t.Fatalf("got\n%x, want\n%x", b.Bytes(), want)
	}
}

func TestSnapRoundTrip(t *testing.T) {
	w := abi.PatchWriter{}
	var r abi.PatchReader
	var tree abi.Tree
	for name, v := range treeVectors(t) {
		if v.Error == "" {
			t.Run(name, func(t *testing.T) {
				if err := tree.Decode(unhex(t, v.Ops), &v.Limits); err != nil {
					t.Fatal(err)
				}
				roundTrip(t, &w, &r, &tree)
			})
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		if err := tree.Decode(randomTree(random), nil); err != nil {
			t.Fatal(err)
		}
		roundTrip(t, &w, &r, &tree)
	}
}

// randomTree is a tree of anything that the catalog allows. Its texts repeat, of every length around
// the bounds of what is interned.
func randomTree(r *rand.Rand) []byte {
	var w abi.TreeWriter
	var roots []uint16
	for c := range abi.Components() {
		if abi.ComponentAt(uint16(c)).Parents == nil {
			roots = append(roots, uint16(c))
		}
	}
	left := 1 + r.IntN(100)
	randomNode(r, &w, roots, roots[r.IntN(len(roots))], &left, 0)
	return w.Bytes()
}

func randomNode(r *rand.Rand, w *abi.TreeWriter, roots []uint16, component uint16, left *int, depth int) {
	*left--
	comp := abi.ComponentAt(component)
	w.Open(component)
	if r.IntN(3) == 0 && depth > 0 {
		w.Key(fmt.Sprint("key", *left))
	}
	for i := range comp.Props {
		if p := &comp.Props[i]; p.Required || r.IntN(3) == 0 {
			randomValue(r, w, uint8(i), p)
		}
	}
	for e := range comp.Events {
		if r.IntN(2) == 0 {
			w.On(uint8(e), r.Uint32())
		}
	}
	children := comp.Children
	if comp.AnyChild {
		children = roots
	}
	for len(children) > 0 && *left > 0 && depth < 12 && r.IntN(6) > 0 {
		randomNode(r, w, roots, children[r.IntN(len(children))], left, depth+1)
	}
	w.Close()
}

func randomValue(r *rand.Rand, w *abi.TreeWriter, number uint8, p *abi.Property) {
	switch p.Kind {
	case abi.KindText:
		w.Text(number, strings.Repeat("é", r.IntN(4))+strings.Repeat("x", []int{0, 1, 2, 3, 62, 63, 64, 65, 200}[r.IntN(9)]))
	case abi.KindAsset:
		w.Text(number, fmt.Sprintf("a/%d.png", r.IntN(3)))
	case abi.KindLink:
		w.Text(number, fmt.Sprintf("/a/%d", r.IntN(3)))
	case abi.KindDrawing:
		w.Drawing(number, abi.AppendLabel(nil, abi.InkGood, r.IntN(9), -5, 1, "x"))
	case abi.KindBool:
		w.Bool(number, r.IntN(2) == 0)
	case abi.KindInt:
		w.Int(number, p.Min+r.Int64N(p.Max-p.Min+1))
	case abi.KindNumber:
		w.Number(number, []float64{0, math.Copysign(0, -1), 1.5, -1e300, r.NormFloat64()}[r.IntN(5)])
	case abi.KindEnum:
		w.Enum(number, uint8(r.IntN(len(p.Values))))
	}
}

// one is a tree of one node, to take properties from.
func one(t testing.TB, write func(w *abi.TreeWriter)) *abi.Tree {
	t.Helper()
	var w abi.TreeWriter
	write(&w)
	w.Close()
	tree := new(abi.Tree)
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestPatchRoundTrip(t *testing.T) {
	button := one(t, func(w *abi.TreeWriter) {
		w.Open(abi.ComponentButton)
		w.Text(0, "a label that is interned")
		w.Enum(1, 2)
		w.On(0, 9)
	})
	slider := one(t, func(w *abi.TreeWriter) {
		w.Open(abi.ComponentSlider)
		w.Number(0, 0.5)
		w.Text(1, "a label that is interned")
		w.Number(2, 0)
		w.Number(3, 1)
	})
	var w abi.PatchWriter
	w.Begin(nil)
	w.Set(7, button, button.Props[0])
	w.Set(3, button, button.Props[1])
	w.Value(math.MaxUint32, slider, slider.Props[0])
	w.Value(1, slider, slider.Props[1])
	w.Unset(2, 255)
	w.Insert(5, 0, button, 0, 1)
	w.Insert(5, 4, slider, 0, 1)
	w.Insert(1, math.MaxUint32, slider, 0, 1)
	w.Delete(9)
	w.Move(10, 2)
	w.Move(2, 0)
	w.On(2, 0)
	w.Off(2, 63)
	inserted := []string{"open 8", "prop 0=0x3fe0000000000000", `prop 1="a label that is interned"`, "prop 2=0x0", "prop 3=0x3ff0000000000000", "close"}
	want := []string{
		`set 7 0="a label that is interned"`, "set 3 1=0x2", "value 4294967295 0=0x3fe0000000000000", `value 1 1="a label that is interned"`,
		"unset 2 255", "insert 5 before 0", "open 3", `prop 0="a label that is interned"`, "prop 1=0x2", "on 0", "close",
		"insert 5 before 4",
	}
	want = append(append(append(want, inserted...), "insert 1 before 4294967295"), inserted...)
	want = append(want, "delete 9", "move 10 before 2", "move 2 before 0", "bind 2 0 true", "bind 2 63 false")

	var log opLog
	var r abi.PatchReader
	if err := r.Patch(w.Bytes(), &log); err != nil || !reflect.DeepEqual(log.ops, want) {
		t.Errorf("%v, got\n%q, want\n%q", err, log.ops, want)
	}
	if n := bytes.Count(w.Bytes(), []byte("interned")); n != 1 {
		t.Errorf("a repeated string was written out %d times", n)
	}
	// Cut off anywhere, it is refused or it is a shorter patch; what was heard is how the whole began.
	for n := range w.Bytes() {
		var part opLog
		_ = new(abi.PatchReader).Patch(w.Bytes()[:n], &part)
		if len(part.ops) > len(want) || !reflect.DeepEqual(part.ops, want[:len(part.ops)]) && len(part.ops) > 0 {
			t.Fatalf("%d bytes: heard %q", n, part.ops)
		}
	}
}

func TestStringsAreBounded(t *testing.T) {
	var w abi.PatchWriter
	var r abi.PatchReader
	for round := range 2 { // the second round meets a full table
		for i := range 1500 {
			text := one(t, func(w *abi.TreeWriter) {
				w.Open(abi.ComponentText)
				w.Text(0, fmt.Sprintf("string %05d", i))
			})
			w.Begin(nil)
			w.Set(1, text, text.Props[0])
			var log opLog
			if err := r.Patch(w.Bytes(), &log); err != nil || log.ops[0] != fmt.Sprintf(`set 1 0="string %05d"`, i) {
				t.Fatalf("%d: %v, %q", i, err, log.ops)
			}
			if known := len(w.Bytes()) < 5; known != (round == 1 && i < 1024) {
				t.Fatalf("round %d, string %d: % x", round, i, w.Bytes())
			}
		}
	}
}

// A frame that is refused leaves the table as it was: the next one is read as if it had not come.
func TestPatchReaderAfterAnError(t *testing.T) {
	var r abi.PatchReader
	var log opLog
	if err := r.Patch([]byte{0x21, 6, 'o', 'n', 'e'}, &log); err != nil {
		t.Fatal(err)
	}
	wrong := []byte{0x21, 6, 't', 'w', 'o', 0x21, 8, 'c', 'u', 't'}
	if err := r.Patch(wrong, &opLog{}); !errors.Is(err, abi.ErrMalformed) {
		t.Fatalf("got %v", err)
	}
	if err := r.Patch([]byte{0x21, 3}, &opLog{}); err == nil {
		t.Error("a string of the refused frame is in the table")
	}
	if err := r.Patch([]byte{0x21, 8, 'f', 'o', 'u', 'r', 0x21, 3, 0x01, 1}, &log); err != nil || log.ops[2] != `set 2 0="four"` || log.ops[3] != `set 2 0="one"` {
		t.Errorf("%v, %q", err, log.ops)
	}
	if err := r.Snap([]byte{0x09, 1, 1, 6, 's', 'n', 'p', 0}, &opLog{}); err == nil {
		t.Error("a snapshot with something behind it was accepted")
	}
	if err := r.Patch([]byte{0x21, 1}, &opLog{}); err == nil {
		t.Error("a refused snapshot left strings")
	}
}

func TestPatchRefused(t *testing.T) {
	deep := append(bytes.Repeat([]byte{4, 1}, 64), 0)
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"op 0", []byte{0x20}, "there is no patch op 0"},
		{"op 12", []byte{0x2c}, "there is no patch op 12"},
		{"node 0", []byte{0x05}, "there is no node 0"},
		{"node -1", []byte{0x15}, "there is no node -1"},
		{"node above 32 bits", []byte{0x85, 0x80, 0x80, 0x80, 0x80, 0x04}, "there is no node 4294967296"},
		{"node far below", []byte{0xf5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, "there is no node -576460752303423488"},
		{"string of none", []byte{0x21, 1}, "there is no string 0"},
		{"string far off", []byte{0x21, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, "there is no string 9223372036854775807"},
		{"string cut off", []byte{0x21, 20, 'a'}, "10 bytes announced, 1 are left"},
		{"string of 2^63 bytes", []byte{0x21, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, "9223372036854775807 bytes announced"},
		{"form 3", []byte{0x22, 3, 0}, "there is no wire form 3"},
		{"property above 8 bits", []byte{0x22, 0x80, 8, 0}, "property 1024 is above 1023"},
		{"unset above 8 bits", []byte{0x23, 0x80, 2}, "property or event 256 is above 255"},
		{"infinite", []byte{0x22, 2, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, "+Inf is not a finite number"},
		{"number cut off", []byte{0x22, 0}, "no number here"},
		{"place below", []byte{0x26, 1}, "there is no node 0"},
		{"place far below", []byte{0x26, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, "there is no node -9223372036854775807"},
		{"place that overflows", []byte{0x26, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, "there is no node"},
		{"insert without a node", []byte{0x24, 0}, "no number here"},
		{"component above 16 bits", []byte{0x24, 0, 0x80, 0x80, 0x20}, "component 524288 is above 524287"},
		{"no properties", []byte{0x24, 0, 9, 0}, "properties are announced and there are none"},
		{"too many properties", []byte{0x24, 0, 9, 0x81, 2}, "properties 257 is above 256"},
		{"no events", []byte{0x24, 0, 10, 0}, "events are announced and there are none"},
		{"no children", []byte{0x24, 0, 12, 0}, "children are announced and there are none"},
		{"more children than bytes", []byte{0x24, 0, 12, 3, 8, 8}, "no number here"},
		{"a billion children", []byte{0x24, 0, 12, 0x80, 0x94, 0xeb, 0xdc, 3}, "children 1000000000 is above 65536"},
		{"too deep", append([]byte{0x24, 0}, deep...), "nodes nest deeper than 64"},
		{"head not shortest", []byte{0xa5, 0}, "not in its shortest form"},
		{"bind above 8 bits", []byte{0x27, 0x80, 2}, "property or event 256 is above 255"},
	} {
		var log opLog
		err := new(abi.PatchReader).Patch(c.in, &log)
		if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if err := new(abi.PatchReader).Snap(deep[:len(deep)-3], &opLog{}); err == nil || strings.Contains(err.Error(), "deeper") {
		t.Errorf("a snapshot that is cut off: %v", err)
	}
	if err := new(abi.PatchReader).Snap(append(bytes.Repeat([]byte{4, 1}, 63), 0), &opLog{}); err != nil {
		t.Errorf("as deep as it goes: %v", err)
	}
}

// counter counts what it hears.
type counter struct{ calls, bytes int }

func (c *counter) hear(data []byte)                              { c.calls++; c.bytes += len(data) }
func (c *counter) Open(uint16)                                   { c.hear(nil) }
func (c *counter) On(uint8)                                      { c.hear(nil) }
func (c *counter) Close()                                        { c.hear(nil) }
func (c *counter) Prop(_ abi.Prop, data []byte)                  { c.hear(data) }
func (c *counter) Set(_ uint32, _ abi.Prop, data []byte, _ bool) { c.hear(data) }
func (c *counter) Splice(_, _, _ uint32, data []byte)            { c.hear(data) }
func (c *counter) Unset(uint32, uint8)                           { c.hear(nil) }
func (c *counter) Insert(uint32, uint32)                         { c.hear(nil) }
func (c *counter) Delete(uint32)                                 { c.hear(nil) }
func (c *counter) Move(uint32, uint32)                           { c.hear(nil) }
func (c *counter) Bind(uint32, uint8, bool)                      { c.hear(nil) }

func FuzzPatchReader(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	var tree abi.Tree
	for range 20 {
		if err := tree.Decode(randomTree(random), nil); err != nil {
			f.Fatal(err)
		}
		var w abi.PatchWriter
		w.Begin(nil)
		w.Node(&tree, 0)
		f.Add(w.Bytes())
		w.Begin(nil)
		w.Insert(1, 0, &tree, 0, 1)
		w.Move(3, 2)
		f.Add(w.Bytes())
	}
	for _, in := range [][]byte{splices, tableOfRows} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var r abi.PatchReader
		var heard counter
		for range 2 { // again, with the strings of the first time
			for _, err := range []error{r.Snap(in, &heard), r.Patch(in, &heard)} {
				if err != nil && (!errors.Is(err, abi.ErrMalformed) || len(err.Error()) > 300) {
					t.Fatal(err)
				}
			}
		}
		// A node is a byte and at most two calls and one for each event and property. Rows and repetitions
		// stand for 65,536 of them at most.
		if heard.calls > 4*64*(len(in)+1)+4*(1<<16)*(3+64+256) {
			t.Fatalf("%d bytes became %+v", len(in), heard)
		}
		var b abi.NodeBuilder
		if r.Snap(in, &b) != nil {
			return
		}
		var tree abi.Tree
		if tree.Decode(b.Bytes(), nil) != nil {
			return // right in form, not what the catalog allows
		}
		roundTrip(t, &abi.PatchWriter{}, new(abi.PatchReader), &tree)
	})
}

func FuzzTreeDecode(f *testing.F) {
	for _, v := range treeVectors(f) {
		f.Add(unhex(f, v.Ops))
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		f.Add(randomTree(random))
	}
	var tree abi.Tree // used again, as a host does
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := tree.Decode(in, nil); err != nil {
			if !errors.Is(err, abi.ErrMalformed) || len(tree.Nodes) > 0 || len(err.Error()) > 400 {
				t.Fatalf("%d nodes, %v", len(tree.Nodes), err)
			}
			return
		}
		if out := tree.Append(nil); !bytes.Equal(out, in) {
			t.Fatalf("%x came back as %x", in, out)
		}
		checkShape(t, &tree)
		roundTrip(t, &abi.PatchWriter{}, new(abi.PatchReader), &tree)
	})
}

// checkShape checks what others rely on: sizes and counts of children fit each other.
func checkShape(t testing.TB, tree *abi.Tree) {
	t.Helper()
	for i, n := range tree.Nodes {
		children, end := uint32(0), i+int(n.Size)
		for c := i + 1; c < end; c += int(tree.Nodes[c].Size) {
			children++
		}
		if end > len(tree.Nodes) || children != n.Children {
			t.Fatalf("node %d: %+v with %d children", i, n, children)
		}
	}
	if int(tree.Nodes[0].Size) != len(tree.Nodes) {
		t.Fatalf("the root holds %d of %d nodes", tree.Nodes[0].Size, len(tree.Nodes))
	}
}
