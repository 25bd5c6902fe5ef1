package bridge_test

import (
	"fmt"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// keptRows is a table of 1,000 rows of four cells, of which row 500 says what is given. If keep says so, only that row is written; the others are
// those of the tree before.
func keptRows(w *abi.TreeWriter, says string, keep bool) {
	const rows, nodes, changed = 1000, 5, 500
	w.Reset()
	w.Open(abi.ComponentTable)
	w.Text(0, "rows")
	for r := 0; r < rows; r++ {
		if keep && r == 0 {
			w.Keep(1, changed)
			r = changed
		}
		w.Open(abi.ComponentRow)
		w.Key(fmt.Sprint("row ", r))
		w.On(0, uint32(r))
		for c := range nodes - 1 {
			w.Open(abi.ComponentCell)
			if r == changed {
				w.Text(0, says)
			} else {
				w.Text(0, fmt.Sprint("cell ", r, c))
			}
			w.Close()
		}
		w.Close()
		if keep {
			w.Keep(1+nodes*(changed+1), rows-changed-1)
			break
		}
	}
	w.Close()
}

// TestKeptTreeIsShown: a page is sent the same patches for a tree that keeps as for the whole one.
func TestKeptTreeIsShown(t *testing.T) {
	var w abi.TreeWriter
	var bytes [2]int
	for i, keep := range []bool{false, true} {
		m, page := mounted(t, still{}, nil)
		before, tree := new(abi.Tree), new(abi.Tree)
		keptRows(&w, "0", false)
		for n := range 5 {
			if err := tree.DecodeOver(before, w.Bytes(), nil); err != nil {
				t.Fatal(err)
			}
			m.Tree(tree)
			bytes[i] += pump(t, m, page)
			checkPage(t, page, tree)
			before, tree = tree, before
			keptRows(&w, fmt.Sprint(n), keep)
		}
	}
	if bytes[0] != bytes[1] {
		t.Errorf("%d bytes, and %d for what is kept", bytes[0], bytes[1])
	}
}

// BenchmarkOneRow is from the bytes of a tree to the patch for one row of a thousand.
func BenchmarkOneRow(b *testing.B) {
	for _, keep := range []bool{false, true} {
		b.Run(fmt.Sprintf("keep=%v", keep), func(b *testing.B) {
			var first, odd, even abi.TreeWriter
			keptRows(&first, "first", false)
			keptRows(&odd, "odd", keep)
			keptRows(&even, "even", keep)
			m, _ := mounted(b, still{}, nil)
			before, tree := new(abi.Tree), new(abi.Tree)
			buf := make([]byte, 0, abi.MaxFrame)
			seq := uint32(0)
			step := func(ops []byte) {
				if err := tree.DecodeOver(before, ops, nil); err != nil {
					b.Fatal(err)
				}
				before, tree = tree, before
				m.Tree(before)
				buf = m.Next(buf[:0])
				seq++
				receive(b, m, (&abi.Ack{Mount: 1, Seq: seq}).Append(buf[:0]))
			}
			step(first.Bytes())
			b.ReportAllocs()
			for b.Loop() {
				step(odd.Bytes())
				step(even.Bytes())
			}
		})
	}
}
