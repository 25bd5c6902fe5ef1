package abi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// splices is three texts that get "!" at their end: an op, one at its distance, and that once more.
var splices = []byte{0x4a, 0, 0, 2, '!', 0x4a, 0, 0, 2, '!', 0x1f, 2, '!'}

// tableOfRows is a SNAP's body: a table and rows 8, 9, 10 of a template with one hole.
var tableOfRows = []byte{
	9<<3 | 5, 1, 1, 2, 'T', 3, // a table with a label and three children
	0xf8, 0xff, 0x1f, 0, // rows of template 0, which is new:
	11<<3 | 4, 1, 12<<3 | 1, 1, 3, 1, // a row of one cell, whose property 0 is a hole for a string
	3, 2, 16, 2, // three of them; the texts count from 8 in steps of 1
}

func ExamplePatchWriter_Insert() {
	var w abi.TreeWriter
	w.Open(abi.ComponentTable)
	w.Text(0, "T")
	for n := range 1000 {
		w.Open(abi.ComponentRow)
		w.Open(abi.ComponentCell)
		w.Text(0, fmt.Sprint(n))
		w.Close()
		w.Close()
	}
	w.Close()
	var tree abi.Tree
	_ = tree.Decode(w.Bytes(), nil)
	p := abi.PatchWriter{}
	p.Insert(1, 0, &tree, 1, 1000)
	fmt.Printf("% x\n", p.Bytes())
	// Output: 2b 00 00 5c 01 61 01 03 01 e8 07 02 00 02
}

func ExampleSplice() {
	text, ok := abi.Splice([]byte("one, two, three"), 7, 3, []byte("2"))
	fmt.Printf("%s %v\n", text, ok)
	// Output: one, 2, three true
}

func TestRepeatAndRows(t *testing.T) {
	var log opLog
	if err := new(abi.PatchReader).Patch(splices, &log); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log.ops, "; "); got != `splice 2 0 0 "!"; splice 4 0 0 "!"; splice 6 0 0 "!"` {
		t.Error(got)
	}
	log.ops = nil
	if err := new(abi.PatchReader).Snap(tableOfRows, &log); err != nil {
		t.Fatal(err)
	}
	want := `open 9; prop 0="T"`
	for n := 8; n <= 10; n++ {
		want += fmt.Sprintf(`; open 11; open 12; prop 0="%d"; close; close`, n)
	}
	if got := strings.Join(log.ops, "; "); got != want+"; close" {
		t.Error(got)
	}
}

func TestRowsRefused(t *testing.T) {
	run := func(b ...byte) []byte { return append([]byte{0x2b, 0}, b...) }
	text := func(b ...byte) []byte { return run(append([]byte{0, 12<<3 | 1, 1, 3, 1}, b...)...) } // a cell with a hole
	deep := append(append(run(0), strings.Repeat("\x04\x01", 63)...), 0, 2)
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"a template that is not there", run(1), "template 1 is above 0"},
		{"no rows", text(0), "rows are announced and there are none"},
		{"too many rows", text(0x81, 0x80, 4), "rows 65537 is above 65536"},
		{"rows of rows", run(0, 0xfc, 0xff, 0x1f, 1, 0), "component 524284 is above"},
		{"more nodes than a frame makes", run(0, 4, 1, 0, 0x80, 0x80, 4), "stands for more than 65536 nodes"},
		{"a template of 65 nodes", append(run(0, 4, 64), make([]byte, 64)...), "a template of more than 64 nodes"},
		{"a template of 65 children", run(0, 4, 65), "children 65 is above 64"},
		{"too deep", append(deep[:len(deep)-2:len(deep)-2], 4, 1, 0, 2), "a template of more than 64 nodes"},
		{"a hole of form 3", run(0, 12<<3|1, 1, 3, 3), "form of a hole 3 is above 2"},
		{"column 4", text(2, 4), "column 4 is above 3"},
		{"numbers as words", run(0, 12<<3|1, 1, 7, 0, 2, 3, 2), "there is no column 3 of form 0"},
		{"floats that count", run(0, 12<<3|1, 1, 7, 2, 2, 2, 2), "there is no column 2 of form 2"},
		{"one word", text(2, 3, 1), "a column of 1 words"},
		{"17 words", text(2, 3, 17), "words 17 is above 16"},
		{"counting below 0", run(0, 12<<3|1, 1, 7, 0, 2, 2, 0, 1), "counts from 0 in steps of -1"},
		{"counting above 2^50", text(2, 2, 0, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 4), "counts from 0 in steps"},
		{"counting far", text(2, 2, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), "counts from 0 in steps"},
		{"nothing to repeat", []byte{0x1f}, "there is no op that can be repeated"},
		{"a move", []byte{0xa6, 1, 3, 0x1f, 3}, "there is no op that can be repeated"},
		{"a repetition", []byte{0x25, 0x1f, 0x1f}, "there is no op that can be repeated"},
		{"never", []byte{0x25, 0x0f}, "an op is repeated 0 times"},
		{"too often", []byte{0x25, 0x9f, 0x80, 0x80, 1}, "an op is repeated 131073 times"},
		{"too often in all", []byte{0x27, 1, 0xff, 0xff, 0x3f, 0x07, 1, 0xff, 0xff, 0x3f}, "stands for more than"},
		{"back below 1", []byte{0x45, 0x15, 0x3f}, "there is no node"},
	} {
		var log opLog
		err := new(abi.PatchReader).Patch(c.in, &log)
		if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	var log opLog
	if err := new(abi.PatchReader).Patch(deep, &log); err != nil {
		t.Errorf("as deep as it goes: %v", err)
	}
	if err := new(abi.PatchReader).Snap(append([]byte{4, 2, 0xf8, 0xff, 0x1f}, deep[2:]...), &log); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("too deep: %v", err)
	}
}

// A frame that is refused leaves no template behind.
func TestTemplatesAfterAnError(t *testing.T) {
	var r abi.PatchReader
	var log opLog
	if err := r.Patch([]byte{0x2b, 0, 0, 12<<3 | 1, 1, 3, 1, 1, 2, 'a', 0x25, 0x20}, &log); err == nil {
		t.Fatal("accepted")
	}
	if err := r.Patch([]byte{0x2b, 0, 0, 12<<3 | 1, 1, 3, 1, 1, 2, 'a'}, &log); err != nil {
		t.Fatal(err)
	}
	if err := r.Patch([]byte{0x2b, 0, 0, 1, 2, 'b'}, &log); err != nil {
		t.Fatal(err)
	}
}

// TestColumns holds how columns are written, and that they come back.
func TestColumns(t *testing.T) {
	numbers := func(format string, list ...int) (out []string) {
		for _, n := range list {
			out = append(out, fmt.Sprintf(format, n))
		}
		return out
	}
	for _, c := range []struct {
		name  string
		texts []string
		most  int
	}{
		{"all the same", []string{"same", "same", "same", "same"}, 6},
		{"counting", numbers("%d", 7, 5, 3, 1, -1), 3},
		{"not quite numbers", []string{"01", "02", "03", "04"}, 13},
		{"not quite 0", []string{"-0", "-1", "-2", "-3"}, 13},
		{"words", []string{"big red", "red big", "big big", "red red", "big red", "red big"}, 2 + 8 + 10},
		{"words that are empty", []string{" big red ", " red big ", " big big ", " red red ", " big red "}, 2 + 8 + 10 + 10},
		{"words that never come again", []string{"a b", "c d", "e f", "g h"}, 17},
		{"of different numbers of words", []string{"a", "b c", "d", "e"}, 11},
		{"long", []string{strings.Repeat("x", 70), strings.Repeat("y", 70), "z", ""}, 148},
	} {
		var w abi.TreeWriter
		w.Open(abi.ComponentBox)
		for _, s := range append([]string{"a box", "of texts", "that differ", "and", "more"}, c.texts...) {
			w.Open(abi.ComponentText)
			w.Text(0, s)
			w.Close()
		}
		w.Close()
		var tree abi.Tree
		if err := tree.Decode(w.Bytes(), nil); err != nil {
			t.Fatal(err)
		}
		var r abi.PatchReader
		p := abi.PatchWriter{}
		p.Insert(1, 0, &tree, 1, 5) // makes the template
		first := len(p.Bytes())
		p.Insert(1, 0, &tree, 6, len(c.texts))
		if n := len(p.Bytes()) - first - 4; n > c.most {
			t.Errorf("%s: %d bytes, at most %d are wanted: % x", c.name, n, c.most, p.Bytes()[first:])
		}
		var log opLog
		if err := r.Patch(p.Bytes(), &log); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		log.ops = slices.DeleteFunc(log.ops, func(s string) bool { return !strings.HasPrefix(s, "prop") })
		for k, s := range c.texts {
			if want := fmt.Sprintf("prop 0=%q", s); log.ops[5+k] != want {
				t.Errorf("%s: %s came back as %s", c.name, want, log.ops[5+k])
			}
		}
	}
}

// TestSpliceRandom: what changes a text into another changes it into that one.
func TestSpliceRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	letters := []string{"a", "b", "é", "è", "日", "本", "😀", "😁"}
	text := func() string {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	for range 20_000 {
		common := strings.Repeat("a long beginning ", 2)
		old, to := common+text(), common+text()
		tree := new(abi.Tree)
		if err := tree.Decode([]byte(treeOf(to)), nil); err != nil {
			t.Fatal(err)
		}
		w := abi.PatchWriter{}
		p, _ := tree.Prop(0, 0)
		w.Text(1, tree, p, []byte(old))
		got := &splicer{text: []byte(old)}
		if err := new(abi.PatchReader).Patch(w.Bytes(), got); err != nil || string(got.text) != to || !got.ok {
			t.Fatalf("%q became %q, not %q: %v", old, got.text, to, err)
		}
	}
	if _, ok := abi.Splice([]byte("😀"), 1, 0, nil); ok {
		t.Error("a character was split")
	}
	if _, ok := abi.Splice([]byte("ab"), 1, 2, nil); ok {
		t.Error("more was dropped than there is")
	}
}

func treeOf(text string) []byte {
	var w abi.TreeWriter
	w.Open(abi.ComponentText)
	w.Text(0, text)
	w.Close()
	return w.Bytes()
}

// splicer is a text that hears ops.
type splicer struct {
	opLog
	text []byte
	ok   bool
}

func (s *splicer) Set(_ uint32, _ abi.Prop, data []byte, _ bool) { s.text, s.ok = data, true }
func (s *splicer) Splice(_, tail, drop uint32, insert []byte) {
	s.text, s.ok = abi.Splice(s.text, tail, drop, insert)
}
