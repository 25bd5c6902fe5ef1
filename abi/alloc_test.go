package abi_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// allocates fails when f allocates, once what it keeps has grown.
func allocates(t *testing.T, what string, want float64, f func()) {
	t.Helper()
	f()
	if got := testing.AllocsPerRun(20, f); got > want {
		t.Errorf("%s: %v allocations, want at most %v", what, got, want)
	}
}

// withinASecond fails when f computes for longer, also when it is done again. What counts is the processor's time, where it
// can be asked for: a machine on which others compute is no fault of f.
func withinASecond(t *testing.T, what string, f func()) {
	t.Helper()
	var took time.Duration
	for range 4 {
		began := processorTime()
		f()
		if took = processorTime() - began; took <= time.Second {
			return
		}
	}
	t.Errorf("%s: %v", what, took)
}

// bigTree is a tree of a table with keyed rows, drawings, numbers and events.
func bigTree(w *abi.TreeWriter, keys []string) {
	w.Reset()
	w.Open(abi.ComponentBox)
	w.Enum(0, 1)
	w.Open(abi.ComponentCanvas)
	w.Drawing(0, drawing)
	w.Text(1, "a chart")
	w.Int(2, 300)
	w.Int(3, 200)
	w.On(0, 1)
	w.Close()
	w.Open(abi.ComponentSlider)
	w.Number(0, 1)
	w.Text(1, "zoom")
	w.Number(2, 0)
	w.Number(3, 10)
	w.Close()
	w.Open(abi.ComponentImage)
	w.Text(0, "logo.png")
	w.Text(1, "")
	w.Close()
	w.Open(abi.ComponentTable)
	w.Text(0, "rows")
	for _, key := range keys {
		w.Open(abi.ComponentRow)
		w.Key(key)
		w.Bool(0, true)
		w.On(0, 2)
		w.Open(abi.ComponentCell)
		w.Text(0, key)
		w.Close()
		w.Close()
	}
	w.Close()
	w.Close()
}

var drawing = abi.AppendLabel(abi.AppendRect(nil, abi.InkAccent, 1, 2, 3, 4), abi.InkMuted, 5, 6, 1, "label")

func rowKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint("row ", i)
	}
	return keys
}

func TestWritingATreeAllocatesNothing(t *testing.T) {
	var w abi.TreeWriter
	keys := rowKeys(1000)
	allocates(t, "TreeWriter", 0, func() { bigTree(&w, keys) })
}

func TestDecodingATreeAgainAllocatesNothing(t *testing.T) {
	var w abi.TreeWriter
	bigTree(&w, rowKeys(1000))
	var tree, copied abi.Tree
	decode := func() {
		if err := tree.Decode(w.Bytes(), nil); err != nil {
			t.Fatal(err)
		}
	}
	allocates(t, "Decode", 0, decode)
	allocates(t, "CopyFrom", 0, func() { copied.CopyFrom(&tree) })
	room := make([]byte, 0, 1<<20)
	allocates(t, "Append", 0, func() { room = tree.Append(room[:0]) })
	if !bytes.Equal(room, w.Bytes()) {
		t.Error("came back different")
	}
	value := []byte("typed")
	allocates(t, "SetValue and Decode", 0, func() { decode(); tree.SetValue(6, 0, abi.WireBytes, 0, value) })
}

func TestCheckingADrawingAllocatesNothing(t *testing.T) {
	many := bytes.Repeat(drawing, 100)
	allocates(t, "CheckDrawing", 0, func() {
		if err := abi.CheckDrawing(many); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAppendingFramesAllocatesNothing(t *testing.T) {
	b := make([]byte, 0, abi.MaxFrame)
	for _, v := range readFrames(t).Frames {
		f := newFrames()[v.Type]
		if err := f.Parse(unhex(t, v.Hex)); err != nil {
			t.Fatal(err)
		}
		allocates(t, v.Name, 0, func() { b = f.Append(b[:0]) })
	}
	p := abi.Paint{SurfaceWidth: 2, SurfaceHeight: 2, Width: 2, Height: 2, Pixels: make([]byte, 16)}
	allocates(t, "Paint", 0, func() { b = p.Append(b[:0]) })
	q := abi.Paint{}
	allocates(t, "Paint.Parse", 0, func() {
		if err := q.Parse(b); err != nil {
			t.Fatal(err)
		}
	})
}

// A patch of strings that the page has costs nothing; one with new strings costs its table.
func TestWritingAPatchAllocatesNothing(t *testing.T) {
	var w abi.TreeWriter
	bigTree(&w, rowKeys(500))
	var tree abi.Tree
	if err := tree.Decode(w.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	var p abi.PatchWriter
	b := make([]byte, 0, abi.MaxFrame)
	head := abi.Snap{Mount: 1}
	allocates(t, "PatchWriter", 0, func() {
		p.Begin(head.AppendHead(b[:0]))
		p.Node(&tree, 0)
		p.Set(5, &tree, tree.PropsOf(1)[1])
		p.Move(7, 9)
		p.Delete(7)
	})
}

// Events come from a browser at any rate: what they cost besides their bytes is bounded.
func TestParsingAnEventAllocatesLittle(t *testing.T) {
	e := abi.Event{Mount: 1, Ev: 2, Node: 3, Payload: payload(func(w *abi.PayloadWriter) { w.Int(120); w.Int(-3) })}
	frame := e.Append(nil)
	press := eventType(t, "canvas", "press")
	b := make([]byte, 0, 100)
	allocates(t, "Event", 1, func() {
		if err := e.Parse(frame); err != nil {
			t.Fatal(err)
		}
		b, _ = abi.EventToGuest(b[:0], press, 7, e.Payload, nil)
	})
}

func BenchmarkTreeDecode(b *testing.B) {
	var w abi.TreeWriter
	bigTree(&w, rowKeys(1000))
	var tree abi.Tree
	b.SetBytes(int64(len(w.Bytes())))
	b.ReportAllocs()
	for b.Loop() {
		if err := tree.Decode(w.Bytes(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTreeWriter(b *testing.B) {
	var w abi.TreeWriter
	keys := rowKeys(1000)
	b.ReportAllocs()
	for b.Loop() {
		bigTree(&w, keys)
	}
	b.SetBytes(int64(len(w.Bytes())))
}

func BenchmarkSnap(b *testing.B) {
	var tree abi.Tree
	var ops abi.TreeWriter
	bigTree(&ops, rowKeys(1000))
	if err := tree.Decode(ops.Bytes(), nil); err != nil {
		b.Fatal(err)
	}
	var w abi.PatchWriter
	buf := make([]byte, 0, abi.MaxFrame)
	b.ReportAllocs()
	for b.Loop() {
		w.Reset()
		w.Begin(buf)
		w.Node(&tree, 0)
	}
}
