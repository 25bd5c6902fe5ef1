package bridge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func newCompact(t *testing.T, name string) *script {
	s := &script{t: t, c: vectorCase{Name: name}}
	s.mount, s.page = mounted(t, &echo{}, nil)
	return s
}

// people is a table of rows with a key, a name, an age and a button each.
func people(names ...string) *abi.Tree {
	var w abi.TreeWriter
	w.Open(abi.ComponentTable)
	w.Text(0, "People")
	for k, name := range names {
		w.Open(abi.ComponentRow)
		w.Key(strings.TrimRight(name, "!"))
		w.Bool(0, strings.HasSuffix(name, "!!!"))
		cell := func(text string) {
			w.Open(abi.ComponentCell)
			w.Text(0, text)
			w.Close()
		}
		cell(fmt.Sprint(k + 1))
		cell(name)
		w.Open(abi.ComponentCell)
		w.Open(abi.ComponentButton)
		w.Text(0, "Remove")
		w.On(0, uint32(k))
		w.Close()
		w.Close()
		w.Close()
	}
	w.Close()
	return decode(w.Bytes())
}

func compactVectors(t *testing.T) []vectorCase {
	six := []string{"Ada Byron", "Grace Murray", "Ada Murray", "Alan T", "Grace T", "Alan Byron"}
	var out []vectorCase
	for _, c := range []struct {
		name  string
		trees []*abi.Tree
	}{
		{"SNAP: rows of a template, ids count and names are words", []*abi.Tree{people(six...)}},
		{"ROWS: at the end, in the middle, one alone", []*abi.Tree{
			people(six...), people(append(six, "Edsger D", "Barbara L")...), people("Ada Byron", "Tony Hoare", "Grace Murray"),
		}},
		{"ROWS in an empty table; then a second template", []*abi.Tree{
			people(), people(six...), in(func(w *abi.TreeWriter) { toggles(w, 6) }), in(func(w *abi.TreeWriter) { toggles(w, 20) }),
		}},
		{"nodes before, between and behind rows", []*abi.Tree{in(func(w *abi.TreeWriter) {
			everything(w, abi.ComponentHeading)
			toggles(w, 7)
			everything(w, abi.ComponentHeading)
			toggles(w, 3)
			everything(w, abi.ComponentProgress)
		})}},
		{"rows in nodes that a patch inserts", []*abi.Tree{texts("a"), in(func(w *abi.TreeWriter) {
			w.Open(abi.ComponentBox)
			toggles(w, 7)
			w.Close()
		})}},
		{"columns of numbers: the same, counting, each", []*abi.Tree{in(func(w *abi.TreeWriter) {
			for k := range 6 {
				w.Open(abi.ComponentSlider)
				w.Number(0, float64(k*k)/4)
				w.Text(1, "Slider")
				w.Number(2, 0)
				w.Number(3, 100)
				w.Close()
			}
			for k := range 6 {
				w.Open(abi.ComponentImage)
				w.Text(0, fmt.Sprintf("img/%c.png", 'a'+k))
				w.Text(1, "")
				w.Int(2, int64(10+5*k))
				w.Int(3, int64([]int{7, 9, 8, 7, 7, 1}[k]))
				w.Close()
			}
		})}},
		{"texts count down, and below 0", []*abi.Tree{texts("-2", "-1"), texts("-1", "-2", "-3", "-4", "-5", "-6")}},
		{"REP: TEXT, SET, UNSET, DEL, ON, OFF", []*abi.Tree{
			marks(8, 0, 0), marks(8, 1, 0), marks(8, 1, 1), marks(8, 2, 2), marks(8, 0, 3), marks(3, 0, 0), marks(0, 0, 0),
		}},
		{"SPLICE: at the end, in the middle, at the start, in characters of two units", []*abi.Tree{
			texts("-the quick brown fox"), texts("-the quick brown fox jumps"), texts("-the quick red fox jumps"),
			texts("-A quick red fox jumps"), texts("-A quick red fox 😀 jumps high"), texts("-A quick red fox 😁 jumps high"),
		}},
		{"SPLICE and REP: every other row", []*abi.Tree{
			people("Ada Byron", "Grace", "Ada Murray", "Alan", "Grace T", "Alan B", "Edsger D", "Barbara L"),
			people("Ada Byron!!!", "Grace", "Ada Murray!!!", "Alan", "Grace T!!!", "Alan B", "Edsger D!!!", "Barbara L"),
		}},
		{"another epoch knows no templates", []*abi.Tree{
			in(func(w *abi.TreeWriter) { toggles(w, 7) }), people(six...), in(func(w *abi.TreeWriter) { toggles(w, 7) }),
		}},
	} {
		s := newCompact(t, c.name)
		out = append(out, s.show(c.trees...).c)
	}
	return out
}

// toggles writes buttons that differ in their text alone.
func toggles(w *abi.TreeWriter, n int) {
	for k := range n {
		w.Open(abi.ComponentButton)
		w.Text(0, fmt.Sprintf("%c-%d", 'a'+k%26, k*k))
		w.Enum(1, 1)
		w.Enum(3, 2)
		w.On(0, uint32(k))
		w.Close()
	}
}

// marks is buttons: text is for what they say, how for what else they have.
func marks(n, text, how int) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		for k := range n {
			w.Open(abi.ComponentButton)
			w.Text(0, []string{"go", fmt.Sprint(10 * k), "stop it"}[text])
			if how != 0 {
				w.Enum(1, uint8(how%4))
			}
			if how == 2 {
				w.On(0, 1)
			}
			w.Close()
		}
	})
}

func compactMalformed(t *testing.T) []vectorCase {
	var out []vectorCase
	for _, c := range []struct {
		why string
		ops []byte
	}{
		{"there is no template 1", []byte{0x2b, 0, 1, 1}},
		{"there are no rows", []byte{0x2b, 0, 0, 9, 1, 3, 1, 0}},
		{"there are too many rows", []byte{0x2b, 0, 0, 8, 0x81, 0x80, 4}},
		{"rows stand for too many nodes", []byte{0x2b, 0, 0, 4, 1, 9, 1, 3, 1, 0x81, 0x80, 2, 1, 2, 'a'}},
		{"a template of a component that is not there", []byte{0x2b, 0, 0, 0xf9, 0x3e, 1, 3, 1, 1, 2, 'a'}},
		{"a hole for a property that is not there", []byte{0x2b, 0, 0, 9, 1, 0xfb, 1, 1, 1, 2, 'a'}},
		{"a hole of the wrong form", []byte{0x2b, 0, 0, 9, 1, 3, 0, 1, 2}},
		{"a hole of form 3", []byte{0x2b, 0, 0, 9, 1, 3, 3, 1, 2}},
		{"a template that lacks a required property", []byte{0x2b, 0, 0, 8, 1}},
		{"a value that an enum does not have", []byte{0x2b, 0, 0, 9, 2, 1, 2, 'a', 7, 0, 2, 1, 77}},
		{"there is no column 4", []byte{0x2b, 0, 0, 9, 1, 3, 1, 2, 4, 0}},
		{"words that are numbers", []byte{0x2b, 0, 0, 9, 2, 1, 2, 'a', 7, 0, 2, 3, 2}},
		{"a column of one word", []byte{0x2b, 0, 0, 9, 1, 3, 1, 2, 3, 1, 2, 'a', 2, 'b'}},
		{"a column counts too far", []byte{0x2b, 0, 0, 9, 1, 3, 1, 2, 2, 0, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 4}},
		{"a repetition of nothing", []byte{0x1f, 2, 'a'}},
		{"a repetition of a repetition", []byte{0x41, 2, 'a', 0x01, 2, 'a', 0x1f, 2, 'a', 0x1f, 2, 'a'}},
		{"a repetition of no times", []byte{0x41, 2, 'a', 0x0f}},
		{"a repetition ends at a node that is not there", []byte{0x41, 2, 'a', 0x1f, 2, 'b'}},
		{"a node is deleted twice", []byte{0x45, 0x05, 0x1f}},
		{"a splice of a node without a text", []byte{0x2a, 0, 0, 2, 'a'}},
		{"a splice behind the start", []byte{0x4a, 6, 0, 2, 'a'}},
		{"a splice drops more than there is", []byte{0x4a, 2, 4, 2, 'a'}},
		{"a splice inside a character", []byte{0x4a, 1, 0, 2, 'a'}},
	} {
		s := newCompact(t, c.why)
		s.show(texts("-ab😀"))
		s.refused(c.why, append((&abi.Patch{Mount: 1, Seq: 2}).AppendHead(nil), c.ops...))
		out = append(out, s.c)
	}
	return out
}
