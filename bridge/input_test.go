package bridge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

func number(f float64) []byte {
	var w abi.PayloadWriter
	w.Number(f)
	return w.Bytes()
}

func ints(n ...int64) []byte {
	var w abi.PayloadWriter
	for _, n := range n {
		w.Int(n)
	}
	return w.Bytes()
}

func wheel(x, y int64, steps float64) []byte {
	var w abi.PayloadWriter
	w.Int(x)
	w.Int(y)
	w.Number(steps)
	return w.Bytes()
}

func file(name, kind string, size int64) []byte {
	var w abi.PayloadWriter
	w.Text(name)
	w.Text(kind)
	w.Int(size)
	return w.Bytes()
}

// one is a tree with one component in a box, node 2.
func one(component uint16, set func(w *abi.TreeWriter)) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(component)
		set(w)
		w.Close()
	})
}

func options(disabled bool) *abi.Tree {
	return one(abi.ComponentSelect, func(w *abi.TreeWriter) {
		w.Text(1, "Palette")
		w.Bool(4, disabled)
		w.On(0, 5)
		for i, o := range []string{"fire", "ice", "grey"} {
			w.Open(abi.ComponentOption)
			w.Text(0, o)
			w.Text(1, o)
			w.Bool(2, i == 2)
			w.Close()
		}
	})
}

// TestInput: what a page may send of each component, and what not.
func TestInput(t *testing.T) {
	textfield := func(disabled bool) *abi.Tree {
		return one(abi.ComponentTextfield, func(w *abi.TreeWriter) {
			w.Text(1, "Name")
			w.Int(6, 4)
			w.Bool(7, disabled)
			w.On(0, 5)
			w.On(2, 6)
		})
	}
	slide := slider(50, 100)
	numbers := one(abi.ComponentNumberfield, func(w *abi.TreeWriter) {
		w.Text(1, "Count")
		w.Number(2, -3)
		w.On(0, 5)
	})
	plain := button("go", func(w *abi.TreeWriter) { w.On(0, 5) })
	pic := canvas("a", "")
	for _, c := range []struct {
		name    string
		tree    *abi.Tree
		node    uint32
		event   uint8
		payload []byte
		in      string // what the guest gets; empty for a refusal
	}{
		{"click", plain, 2, 0, nil, "820580"},
		{"click with a payload", plain, 2, 0, []byte{0}, ""},
		{"an event that does not exist", plain, 2, 1, nil, ""},
		{"an event that is not bound", button("go", nil), 2, 0, nil, ""},
		{"disabled", button("go", func(w *abi.TreeWriter) { w.Bool(2, true); w.On(0, 5) }), 2, 0, nil, ""},
		{"a component without events", plain, 1, 0, nil, ""},
		{"input", textfield(false), 2, 0, text("abcd"), "8205816461626364"},
		{"input of astral characters", textfield(false), 2, 0, text("😀é"), "82058166f09f9880c3a9"},
		{"input that is too long in UTF-16", textfield(false), 2, 0, text("😀éab"), ""},
		{"input, disabled", textfield(true), 2, 0, text("a"), ""},
		{"submit", textfield(false), 2, 2, text(""), "82068160"},
		{"change, not bound", textfield(false), 2, 1, text(""), ""},
		{"input that is not UTF-8", textfield(false), 2, 0, []byte{1, 0xff}, ""},
		{"input without its length", textfield(false), 2, 0, nil, ""},
		{"input with more behind", textfield(false), 2, 0, append(text("a"), 0), ""},
		{"slider", slide, 2, 0, number(100), "820181f95640"},
		{"slider above", slide, 2, 0, number(100.1), ""},
		{"slider below", slide, 2, 0, number(-1), ""},
		{"slider NaN", slide, 2, 0, []byte{1, 0, 0, 0, 0, 0, 0xf8, 0x7f}, ""},
		{"slider infinite", slide, 2, 0, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, ""},
		{"number", numbers, 2, 0, number(1e300), "820581fb7e37e43c8800759c"},
		{"number below", numbers, 2, 0, number(-4), ""},
		{"option", options(false), 2, 0, text("ice"), "82058163696365"},
		{"an option that is disabled", options(false), 2, 0, text("grey"), ""},
		{"an option that is none", options(false), 2, 0, text("Ice"), ""},
		{"option of a select that is disabled", options(true), 2, 0, text("ice"), ""},
		{"press in a corner", pic, 2, 0, ints(0, 3), "8201820003"},
		{"press outside", pic, 2, 0, ints(5, 0), ""},
		{"press below zero", pic, 2, 0, ints(0, -1), ""},
		{"drag", pic, 2, 2, ints(4, 0), "8203820400"},
		{"drag with one coordinate", pic, 2, 2, ints(4), ""},
		{"wheel", pic, 2, 4, wheel(1, 2, -1.5), "8205830102f9be00"},
		{"wheel far", pic, 2, 4, wheel(1, 2, 1001), ""},
		{"key", pic, 2, 5, text("ArrowLeft"), "820681694172726f774c656674"},
		{"another key", pic, 2, 5, text("a"), ""},
		{"resize", pic, 2, 6, ints(16384, 1), "82078219400001"},
		{"resize to nothing", pic, 2, 6, ints(0, 1), ""},
		{"resize to too much", pic, 2, 6, ints(16385, 1), ""},
		{"sort", in(func(w *abi.TreeWriter) { everything(w, abi.ComponentColumn) }), 3, 0, nil, "820180"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &echo{}
			m, page := mounted(t, e, nil)
			m.Tree(c.tree)
			pump(t, m, page)
			receive(t, m, page.Event(c.node, c.event, c.payload))
			m.Idle()
			pump(t, m, page)
			if page.AckEv != 1 {
				t.Error("the event is not acknowledged")
			}
			switch {
			case c.in == "" && (len(e.got) > 0 || m.Refused() != 1):
				t.Errorf("the guest got %x, %d refused", e.got, m.Refused())
			case c.in != "" && (len(e.got) != 1 || fmt.Sprintf("%x", e.got[0]) != c.in || m.Refused() != 0):
				t.Errorf("the guest got %x, want %s; %d refused", e.got, c.in, m.Refused())
			}
		})
	}
}

// TestRefusedValueIsPutBack: a page that shows what was refused is told what holds.
func TestRefusedValueIsPutBack(t *testing.T) {
	m, page := mounted(t, &echo{}, nil)
	m.Tree(slider(50, 100))
	pump(t, m, page)
	receive(t, m, page.Event(2, 0, number(200)))
	pump(t, m, page)
	if v := page.Node(2).Props["value"]; v != 50.0 {
		t.Errorf("the page shows %v", v)
	}
}

// TestGoneNode: an event of a node that is gone by then is dropped and nobody's fault.
func TestGoneNode(t *testing.T) {
	q := &queued{}
	m, page := mounted(t, q, nil)
	m.Tree(counted(0))
	pump(t, m, page)
	early := page.Event(2, 0, nil)
	m.Tree(texts("all else"))
	pump(t, m, page)
	receive(t, m, early)
	pump(t, m, page)
	if page.AckEv != 1 || len(q.queue) != 0 || m.Refused() != 0 {
		t.Errorf("ackEv %d, %d events, %d refused", page.AckEv, len(q.queue), m.Refused())
	}
	m.Tree(button("now disabled", func(w *abi.TreeWriter) { w.On(0, 1) }))
	pump(t, m, page)
	late := page.Event(4, 0, nil)
	receive(t, m, late)
	m.Tree(button("now disabled", func(w *abi.TreeWriter) { w.Bool(2, true); w.On(0, 1) }))
	if _, ok := q.take(); ok {
		t.Error("a button that is disabled by now was clicked")
	}
}

// desk issues tokens and remembers uploads.
type desk struct {
	issued []bridge.Upload
	err    error
}

func (d *desk) Issue(u bridge.Upload) (string, error) {
	d.issued = append(d.issued, u)
	return fmt.Sprint("token", len(d.issued)), d.err
}

func filefield(accept string) *abi.Tree {
	return one(abi.ComponentFilefield, func(w *abi.TreeWriter) {
		w.Text(0, "Data")
		if accept != "" {
			w.Text(1, accept)
		}
		w.Int(2, 1000)
		w.On(0, 5)
	})
}

func TestUpload(t *testing.T) {
	q, d := &queued{}, &desk{}
	m, page := mounted(t, q, &bridge.MountOptions{Uploads: d})
	m.Tree(filefield(""))
	pump(t, m, page)
	receive(t, m, page.Event(2, 0, file("a.csv", "text/csv", 3)))
	next(t, m, abi.FrameUpload) // lost
	m.Attach(nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}).Append(nil))
	pump(t, m, page)
	if len(page.Uploads) != 1 || page.Uploads[0].Token != "token1" || page.Uploads[0].Ev != 1 || page.AckEv != 1 {
		t.Fatalf("%+v, ackEv %d", page.Uploads, page.AckEv)
	}
	d.issued[0].Deliver([]byte("a,b"), nil)
	d.issued[0].Deliver([]byte("again"), nil)
	if len(q.queue) != 1 {
		t.Fatalf("%d events", len(q.queue))
	}
	if in, ok := q.take(); !ok || in != "82058465612e63737668746578742f6373760343612c62" {
		t.Errorf("%s", in)
	}
	receive(t, m, page.Event(2, 0, file("b.csv", "text/csv", 3)))
	d.issued[1].Deliver(nil, errors.New("late"))
	if len(q.queue) != 0 {
		t.Error("a file that failed reached the plugin")
	}
}

func TestUploadRefused(t *testing.T) {
	for _, c := range []struct {
		accept, name, kind string
		size               int64
		ok                 bool
	}{
		{"", "a", "", 0, true},
		{"", "a", "", 1000, true},
		{"", "a", "", 1001, false},
		{"", "a", "", -1, false},
		{".csv", "A.CSV", "", 1, true},
		{".csv", "csv", "text/csv", 1, false},
		{".tsv, text/csv", "a", "text/csv", 1, true},
		{".tsv, text/csv", "a", "text/csv; charset=utf-8", 1, true},
		{"image/*", "a", "image/png", 1, true},
		{"image/*", "a", "imagery/png", 1, false},
		{"text/plain", "a.csv", "text/csv", 1, false},
		{" , ", "a", "x/y", 1, true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			d := &desk{}
			m, page := mounted(t, &echo{}, &bridge.MountOptions{Uploads: d})
			m.Tree(filefield(c.accept))
			pump(t, m, page)
			receive(t, m, page.Event(2, 0, file(c.name, c.kind, c.size)))
			pump(t, m, page)
			if (len(d.issued) == 1) != c.ok || len(page.Uploads) != len(d.issued) || page.AckEv != 1 {
				t.Errorf("%d issued, %d tokens", len(d.issued), len(page.Uploads))
			}
		})
	}
	for _, u := range []bridge.Uploads{nil, &desk{err: errors.New("full")}} {
		m, page := mounted(t, &echo{}, &bridge.MountOptions{Uploads: u})
		m.Tree(filefield(""))
		pump(t, m, page)
		receive(t, m, page.Event(2, 0, file("a", "", 1)))
		pump(t, m, page)
		if page.AckEv != 1 || len(page.Uploads) != 0 {
			t.Errorf("ackEv %d, %d tokens", page.AckEv, len(page.Uploads))
		}
	}
}

// TestNumbersOfCatalog holds the numbers that the checks use to the catalog.
func TestNumbersOfCatalog(t *testing.T) {
	for _, c := range []struct {
		component uint16
		names     string
	}{
		{abi.ComponentTextfield, "value label type placeholder hint error maxlength disabled"},
		{abi.ComponentNumberfield, "value label min max"},
		{abi.ComponentSelect, "value"},
		{abi.ComponentOption, "text value disabled"},
		{abi.ComponentSlider, "value label min max"},
		{abi.ComponentCanvas, "drawing label width height surface"},
		{abi.ComponentFilefield, "label accept maxbytes"},
	} {
		spec := abi.ComponentAt(c.component)
		for i, name := range strings.Fields(c.names) {
			if spec.Props[i].Name != name {
				t.Errorf("property %d of %s is %s, not %s", i, spec.Name, spec.Props[i].Name, name)
			}
		}
	}
	events := ""
	for _, e := range abi.ComponentAt(abi.ComponentCanvas).Events {
		events += e.Name + " "
	}
	if events != "press dragstart drag dragend wheel key resize " {
		t.Error(events)
	}
}
