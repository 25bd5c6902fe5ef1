package bridge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// shelf offers files by number.
type shelf struct{ files []string }

func (s *shelf) Offer(name string, data []byte) (string, error) {
	s.files = append(s.files, name+"="+string(data))
	return fmt.Sprint("token", len(s.files)), nil
}

// form is a button with the key "go", a field with the key "name", a canvas and a popover.
func form(label string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentButton)
		w.Key("go")
		w.Text(0, label)
		w.On(0, 1)
		w.Close()
		w.Open(abi.ComponentTextfield)
		w.Key("name")
		w.Text(1, "Name")
		w.Close()
		w.Open(abi.ComponentCanvas)
		w.Text(1, "Picture")
		w.Int(2, 10)
		w.Int(3, 10)
		w.On(6, 2)
		w.Close()
		w.Open(abi.ComponentPopover)
		w.Text(0, "More")
		w.On(0, 3)
		w.Close()
	})
}

func TestEffects(t *testing.T) {
	now := time.Now()
	files := &shelf{}
	m, page := mounted(t, &echo{}, &bridge.MountOptions{Downloads: files})
	bridge.SetNow(m, func() time.Time { return now })
	m.Tree(form("Go"))
	pump(t, m, page)
	ask := func(want error, e abi.EffectRequest) {
		t.Helper()
		if err := m.Effect(&e); !errors.Is(err, want) {
			t.Errorf("%+v: got %v, want %v", e, err, want)
		}
	}
	done := func() string {
		m.Idle()
		pump(t, m, page)
		var b strings.Builder
		for _, e := range page.Effects {
			fmt.Fprintf(&b, "%d:%d:%d:%s%s ", e.Ev, e.Kind, e.Node, e.Text, e.Token)
		}
		page.Effects = nil
		return strings.TrimSpace(b.String())
	}
	toast := abi.EffectRequest{Kind: abi.EffectToast, Text: "hi\u202e\n"}
	ask(bridge.ErrNoEvent, toast)
	var size abi.PayloadWriter
	size.Int(5)
	size.Int(5)
	receive(t, m, page.Event(4, 6, size.Bytes())) // a resize is nobody's doing
	ask(bridge.ErrNoEvent, toast)
	receive(t, m, page.Event(5, 0, []byte{0})) // so is a popover that closes
	ask(bridge.ErrNoEvent, toast)

	receive(t, m, page.Event(2, 0, nil))
	ask(nil, abi.EffectRequest{Kind: abi.EffectFocus, Key: "late"})
	ask(nil, abi.EffectRequest{Kind: abi.EffectFocus, Key: "name"})
	ask(nil, toast)
	ask(nil, abi.EffectRequest{Kind: abi.EffectOpen, Text: "https://example.org/"})
	ask(bridge.ErrEffects, abi.EffectRequest{Kind: abi.EffectOpen, Text: "https://example.org/2"})
	ask(nil, abi.EffectRequest{Kind: abi.EffectDownload, Text: "a.csv", Data: []byte("1,2")})
	if frame := m.Next(nil); len(frame) > 0 {
		t.Errorf("%x was sent before the plugin had done", frame)
	}
	if got := done(); got != `3:1:3: 3:4:0:hi\u202e\n 3:5:0:https://example.org/ 3:7:0:a.csvtoken1` {
		t.Error(got)
	}
	for range 3 {
		ask(nil, toast)
	}
	ask(bridge.ErrEffects, toast)
	done()

	receive(t, m, page.Event(2, 0, nil))
	ask(nil, toast)
	now = now.Add(6 * time.Second)
	ask(bridge.ErrNoEvent, toast)
	if got := done(); got != "" {
		t.Errorf("too late: %s", got)
	}
	receive(t, m, page.Event(2, 0, nil))
	ask(nil, toast)
	m.Idle()
	m.Attach(nil)
	m.Attach(func() {})
	if got := done(); got != "" {
		t.Errorf("after a drop: %s", got)
	}
	if fmt.Sprint(files.files) != "[a.csv=1,2]" {
		t.Error(files.files)
	}
}

// TestEffectOfOpening: a person opens a popover, which is a reason for effects.
func TestEffectOfOpening(t *testing.T) {
	m, page := mounted(t, &echo{}, nil)
	m.Tree(form("Go"))
	pump(t, m, page)
	receive(t, m, page.Event(5, 0, []byte{1}))
	if err := m.Effect(&abi.EffectRequest{Kind: abi.EffectToast, Text: "hi"}); err != nil {
		t.Error(err)
	}
}

// TestEffectAfterItsPatch: an effect waits for what the plugin rendered before it.
func TestEffectAfterItsPatch(t *testing.T) {
	m, page := mounted(t, &echo{}, nil)
	m.Tree(form("Go"))
	pump(t, m, page)
	receive(t, m, page.Event(2, 0, nil))
	if err := m.Effect(&abi.EffectRequest{Kind: abi.EffectFocus, Key: "new"}); err != nil {
		t.Fatal(err)
	}
	if err := m.Effect(&abi.EffectRequest{Kind: abi.EffectDownload, Text: "a"}); !errors.Is(err, bridge.ErrNoDownloads) {
		t.Error(err)
	}
	m.Tree(in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentTextfield)
		w.Key("new")
		w.Text(1, "Name")
		w.Close()
	}))
	if first, second := m.Next(nil), m.Next(nil); abi.TypeOf(first) != abi.FramePatch || abi.TypeOf(second) != abi.FrameEffect {
		t.Errorf("%x, %x", first, second)
	}
}

// TestNak: a page that cannot apply a frame gets a snapshot, a few times.
func TestNak(t *testing.T) {
	m, page := mounted(t, &echo{}, nil)
	m.Tree(form("Go"))
	pump(t, m, page)
	for round := range 4 {
		lost := page.Event(2, 0, nil)
		m.Tree(form(fmt.Sprint("Go ", round)))
		frame := m.Next(nil)
		bad := append(append([]byte(nil), frame...), 0xff)
		if err := page.Apply(bad); err == nil {
			t.Fatal("applied")
		}
		nak := page.Nak()
		m.Tree(form(fmt.Sprint("Go on ", round)))
		if err := page.Apply(m.Next(nil)); err != nil { // was on its way
			t.Fatal(err)
		}
		receive(t, m, lost)
		receive(t, m, nak)
		receive(t, m, nak)
		pump(t, m, page)
		m.Idle()
		pump(t, m, page)
		checkPage(t, page, form(fmt.Sprint("Go on ", round)))
		if int(page.Epoch) != round+2 || int(page.AckEv) != round+1 {
			t.Fatalf("epoch %d, ackEv %d", page.Epoch, page.AckEv)
		}
	}
	receive(t, m, page.Nak())
	pump(t, m, page)
	if page.Fault == nil || page.Fault.Code != abi.FaultProtocol || page.Fault.Retry == 0 {
		t.Errorf("got %+v", page.Fault)
	}
	for _, f := range []abi.Nak{{Mount: 1, Epoch: 2, Seq: 1}, {Mount: 1, Epoch: 1, Seq: 9}} {
		m, page := mounted(t, &echo{}, nil)
		m.Tree(form("Go"))
		pump(t, m, page)
		receive(t, m, f.Append(nil))
		pump(t, m, page)
		if page.Fault == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}

// TestNakOfSnapshots: a page that refuses every snapshot, the first one as well, is told in the end that nothing can be shown.
func TestNakOfSnapshots(t *testing.T) {
	m, page := mounted(t, &echo{}, nil)
	m.Tree(form("Go"))
	for frames := 1; page.Fault == nil; frames++ {
		frame := m.Next(nil)
		if frame == nil {
			t.Fatalf("nothing more after %d frames, and the page shows nothing", frames)
		}
		if abi.TypeOf(frame) == abi.FrameSnap {
			frame = append(frame, 0xff)
			if page.Apply(frame) == nil {
				t.Fatal("applied")
			}
			receive(t, m, page.Nak())
			continue
		}
		if err := page.Apply(frame); err != nil {
			t.Fatal(err)
		}
		if frames > 2*5 {
			t.Fatal("no end of it")
		}
	}
	if page.Epoch != 0 || page.Fault.Code != abi.FaultProtocol || page.Fault.Retry == 0 {
		t.Errorf("epoch %d, %+v", page.Epoch, page.Fault)
	}
}
