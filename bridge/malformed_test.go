package bridge_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// patchOf is a PATCH of mount 1 with any ops.
func patchOf(seq, ackEv uint32, f func(w *abi.PatchWriter)) []byte {
	var w abi.PatchWriter
	w.Begin((&abi.Patch{Mount: 1, Seq: seq, AckEv: ackEv}).AppendHead(nil))
	f(&w)
	return w.Bytes()
}

func snapOf(epoch, seq, ackEv uint32, body ...byte) []byte {
	return append((&abi.Snap{Mount: 1, Epoch: epoch, Seq: seq, AckEv: ackEv}).AppendHead(nil), body...)
}

func raw(body ...byte) []byte {
	return append((&abi.Patch{Mount: 1, Seq: 2}).AppendHead(nil), body...)
}

func malformedVectors(t *testing.T) []vectorCase {
	tree := in(func(w *abi.TreeWriter) { // 1 box: 2 text, 3 button, 4 box: 5 text; 6 progress
		w.Open(abi.ComponentText)
		w.Text(0, "first")
		w.Close()
		w.Open(abi.ComponentButton)
		w.Text(0, "go")
		w.On(0, 1)
		w.Close()
		w.Open(abi.ComponentBox)
		w.Open(abi.ComponentText)
		w.Text(0, "inner")
		w.Close()
		w.Close()
		w.Open(abi.ComponentProgress)
		w.Number(0, 0.5)
		w.Text(1, "load")
		w.Close()
	})
	good := func(w *abi.PatchWriter) { w.Delete(5) } // an op before the bad one, which must not be applied either
	patch := func(f func(w *abi.PatchWriter)) []byte {
		return patchOf(2, 0, func(w *abi.PatchWriter) { good(w); f(w) })
	}
	// after is a PATCH with an op for the node 5+delta, written by hand, behind the good one.
	after := func(delta int64, op byte, body ...byte) []byte {
		head := uint64(delta<<1^delta>>63)<<4 | uint64(op)
		return append(binary.AppendUvarint(patch(func(*abi.PatchWriter) {}), head), body...)
	}
	cases := []struct {
		why   string
		frame []byte
	}{
		{"there is no node 9", patch(func(w *abi.PatchWriter) { w.Delete(9) })},
		{"node 5 was deleted before", patch(func(w *abi.PatchWriter) { w.Unset(5, 1) })},
		{"the root cannot be deleted", patch(func(w *abi.PatchWriter) { w.Delete(1) })},
		{"the root cannot move", patch(func(w *abi.PatchWriter) { w.Move(1, 0) })},
		{"node 2 is no sibling of the new node in 4", patch(func(w *abi.PatchWriter) { w.Insert(4, 2, tree, 1, 1) })},
		{"there is no node 9 to move before", patch(func(w *abi.PatchWriter) { w.Move(4, 9) })},
		{"there is no op 0", after(0, 0)},
		{"there is no op 15", after(0, 15)},
		{"a node before 1", after(-5, 5)},
		{"text has no property 9", patch(func(w *abi.PatchWriter) { w.Unset(2, 9) })},
		{"property 1 of node 2 is left out already", patch(func(w *abi.PatchWriter) { w.Unset(2, 1) })},
		{"property 0 of text cannot be left out", patch(func(w *abi.PatchWriter) { w.Unset(2, 0) })},
		{"button has no event 1", patch(func(w *abi.PatchWriter) { w.On(3, 1) })},
		{"tone has 6 values", after(-3, 2, 0x04, 0x06)},
		{"a property of a form that its kind does not have", raw(0x42, 0x05, 0x02, 'a')},
		{"there is no form 3", raw(0x42, 0x03, 0x00)},
		{"there is no string 40", raw(0x41, 0x51)},
		{"a string longer than the frame", raw(0x41, 0x7e, 'a')},
		{"a string that is not UTF-8", raw(0x41, 0x04, 0xc3, 0x28)},
		{"a number that is not in its shortest form", raw(0xc1, 0x00, 0x02, 'a')},
		{"a number without an end", raw(0x80)},
		{"a number of more than 64 bits", raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)},
		{"NaN", raw(0xc2, 0x01, 0x02, 1, 0, 0, 0, 0, 0, 0xf8, 0x7f)},
		{"there is no component 200", after(-1, 4, 0x00, 0xc0, 0x0c)},
		{"a new text without its text", after(-1, 4, 0x00, 0x08)},
		{"more children than bytes", after(-1, 4, 0x00, 0x04, 0x64)},
		{"seq 3 after 1", patchOf(3, 0, good)},
		{"seq 1 again", patchOf(1, 0, good)},
		{"ackEv 1, and no event was made", patchOf(2, 1, good)},
		{"the epoch of before", snapOf(1, 2, 0, 0x09, 0x01, 0x01, 0x02, 'a')},
		{"epoch 0 to go on with", snapOf(2, 2, 0, 0x09, 0x01, 0x01, 0x02, 'a', 0x00)},
		{"a number of nodes that is missing", snapOf(2, 2, 0, 0x09, 0x01, 0x01, 0x02, 'a', 0x01, 0x01)},
		{"no nodes to go on with", snapOf(2, 2, 0, 0x09, 0x01, 0x01, 0x02, 'a', 0x01, 0x01, 0x00)},
		{"more nodes to go on with than there are", snapOf(2, 2, 0, 0x09, 0x01, 0x01, 0x02, 'a', 0x01, 0x01, 0x02)},
		{"a SNAP without a root", snapOf(2, 2, 0)},
		{"nodes nest deeper than 64", snapOf(2, 2, 0, append(append([]byte{}, []byte(strings.Repeat("\x04\x01", 64))...), 0x00)...)},
		{"pixels for a text", (&abi.Pixels{Mount: 1, Seq: 2, Node: 2, Paint: *gradient(1, 1, 0, 0, 1, 1, abi.PaintRGB)}).Append(nil)},
		{"pixels that are too few", pixelsCut(t)},
		{"a rectangle that leaves the surface", (&abi.Pixels{Mount: 1, Seq: 2, Node: 2, Paint: *gradient(2, 2, 1, 1, 2, 1, abi.PaintRGB)}).Append(nil)},
		{"a frame type that does not exist", []byte{0x3f, 0x01}},
		{"a head that is cut off", []byte{0x04, 0x01}},
		{"mount 0", []byte{0x04, 0x00, 0x02, 0x00}},
	}
	var out []vectorCase
	for _, c := range cases {
		s := newScript(t, c.why)
		s.show(tree)
		s.refused(c.why, c.frame)
		out = append(out, s.c)
	}
	return out
}

func pixelsCut(t *testing.T) []byte {
	b := (&abi.Pixels{Mount: 1, Seq: 2, Node: 2, Paint: *gradient(2, 2, 0, 0, 2, 2, abi.PaintRGB)}).Append(nil)
	return b[:len(b)-1]
}
