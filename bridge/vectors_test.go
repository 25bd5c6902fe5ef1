package bridge_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

var update = flag.Bool("update", false, "write the vectors of abi/testdata/protocol anew")

const vectorDir = "../abi/testdata/protocol"

// vectorFile is one file of vectors. Each case is a page of its own, mount 1.
type vectorFile struct {
	Doc   string       `json:"doc"`
	Cases []vectorCase `json:"cases"`
}

type vectorCase struct {
	Name  string       `json:"name"`
	Steps []vectorStep `json:"steps"`
}

// vectorStep is a frame that comes from the server, or something the person does.
type vectorStep struct {
	Frame   string          `json:"frame,omitempty"`   // from the server, hexadecimal
	Refused string          `json:"refused,omitempty"` // why the page must refuse the frame; it then shows what it did
	Event   *vectorEvent    `json:"event,omitempty"`   // the person does this ...
	Sends   string          `json:"sends,omitempty"`   // ... and the page sends this frame
	Resume  []uint32        `json:"resume,omitempty"`  // the page would resume here: mount, epoch, seq
	Tree    json.RawMessage `json:"tree,omitempty"`    // what the page shows after the step, if that is another tree
	Canvas  *vectorCanvas   `json:"canvas,omitempty"`
	Notice  string          `json:"notice,omitempty"` // what the page says beside the plugin after the step
	Seq     uint32          `json:"seq"`
	AckEv   uint32          `json:"ackEv"`
}

type vectorEvent struct {
	Node    uint32 `json:"node"`
	Event   uint8  `json:"event"`
	Payload string `json:"payload"`
}

type vectorCanvas struct {
	Node   uint32 `json:"node"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	RGBA   string `json:"rgba"`
}

// script records a case while a real mount talks to the reference page.
type script struct {
	t     *testing.T
	c     vectorCase
	mount *bridge.Mount
	page  *bridgetest.Page
	last  string
}

func newScript(t *testing.T, name string) *script {
	s := newCompact(t, name)
	bridge.Plain(s.mount)
	return s
}

// echo is a plugin that takes up each event at once and answers none.
type echo struct{ got [][]byte }

func (e *echo) Event(take func() ([]byte, bool)) {
	if in, ok := take(); ok {
		e.got = append(e.got, in)
	}
}
func (e *echo) Visible(bool) {}
func (e *echo) Close()       {}

func (s *script) step(st vectorStep) {
	s.t.Helper()
	tree, err := json.Marshal(s.page.Root)
	if err != nil {
		s.t.Fatal(err)
	}
	if string(tree) != s.last && s.page.Root != nil {
		st.Tree, s.last = tree, string(tree)
	}
	st.Seq, st.AckEv, st.Notice = s.page.Seq, s.page.AckEv, s.page.Notice
	s.c.Steps = append(s.c.Steps, st)
}

// frame hands a frame to the page, which must take it.
func (s *script) frame(frame []byte) {
	s.t.Helper()
	if err := s.page.Apply(frame); err != nil {
		s.t.Fatalf("%s: %x: %v", s.c.Name, frame, err)
	}
	st := vectorStep{Frame: hex.EncodeToString(frame)}
	if abi.TypeOf(frame) == abi.FramePixels {
		var f abi.Pixels
		if err := f.Parse(frame); err != nil {
			s.t.Fatal(err)
		}
		p := s.page.Canvas[f.Node]
		st.Canvas = &vectorCanvas{f.Node, p.Width, p.Height, hex.EncodeToString(p.RGBA)}
	}
	s.step(st)
}

// refused hands a frame to the page, which must refuse it and change nothing.
func (s *script) refused(why string, frame []byte) {
	s.t.Helper()
	if err := s.page.Apply(frame); err == nil {
		s.t.Fatalf("%s: %x was taken, though %s", s.c.Name, frame, why)
	}
	s.step(vectorStep{Frame: hex.EncodeToString(frame), Refused: why})
}

// pump carries what the mount has for the page.
func (s *script) pump() {
	s.t.Helper()
	for {
		frame := s.mount.Next(nil)
		if len(frame) == 0 {
			return
		}
		s.frame(frame)
		if s.page.Fault != nil {
			return
		}
		receive(s.t, s.mount, s.page.Ack())
	}
}

func (s *script) show(trees ...*abi.Tree) *script {
	s.t.Helper()
	for _, t := range trees {
		s.mount.Tree(t)
		s.pump()
	}
	return s
}

// person makes an event; it reaches the mount if deliver is set.
func (s *script) person(node uint32, event uint8, payload []byte, deliver bool) {
	s.t.Helper()
	frame := s.page.Event(node, event, payload)
	s.step(vectorStep{
		Event: &vectorEvent{node, event, hex.EncodeToString(payload)},
		Sends: hex.EncodeToString(frame),
	})
	if deliver {
		receive(s.t, s.mount, frame)
	}
}

// TestVectors checks that the files hold what mount and page do; -update writes them.
func TestVectors(t *testing.T) {
	files := map[string]vectorFile{
		"snap.json":      {"A SNAP of each component with every property and event.", snapVectors(t)},
		"patch.json":     {"Each op of a PATCH, and strings that are interned.", patchVectors(t)},
		"value.json":     {"Values of fields: what the person has typed since is not overwritten.", valueVectors(t)},
		"pixels.json":    {"PIXELS in both formats, in part, resized, and after the canvas was made anew.", pixelVectors(t)},
		"resume.json":    {"RESUMED, with replay and with a snapshot of a new epoch; FAULT and UPLOAD.", resumeVectors(t)},
		"notice.json":    {"FAULT 7, a notice: the mount lives on, what is shown stays.", noticeVectors(t)},
		"malformed.json": {"Frames that a page must refuse as a whole. Each case ends with one.", malformedVectors(t)},
	}
	for name, f := range files {
		checkFile(t, name, f)
	}
	checkFile(t, "frames.json", frameVectors())
	checkFile(t, "../compact/frames.json", effectVectors())
	checkFile(t, "../page/frames.json", pageVectors())
	checkFile(t, "../compact/compact.json", vectorFile{"Rows of templates, repetitions and splices.", compactVectors(t)})
	checkFile(t, "../compact/malformed.json", vectorFile{"Frames of these that a page must refuse as a whole.", compactMalformed(t)})
}

func checkFile(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	lines := strings.NewReplacer(`"cases":[`, "\"cases\":[\n", `,{"name"`, ",\n{\"name\"", `"steps":[`, "\"steps\":[\n",
		`,{"frame"`, ",\n{\"frame\"", `,{"event":{`, ",\n{\"event\":{", `,{"resume"`, ",\n{\"resume\"")
	out := []byte(lines.Replace(b.String())) // a step a line
	if !json.Valid(out) {
		t.Fatalf("%s: not JSON", name)
	}
	path := filepath.Join(vectorDir, name)
	if *update {
		if err := os.MkdirAll(vectorDir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, want) {
		t.Errorf("%s is not what the code does; if that is meant, run go test ./bridge -run TestVectors -update", name)
	}
}

// in wraps what f writes in a box that is the root.
func in(f func(w *abi.TreeWriter)) *abi.Tree {
	var w abi.TreeWriter
	w.Open(abi.ComponentBox)
	f(&w)
	w.Close()
	return decode(w.Bytes())
}

// everything writes a component with all that it can have, in the parent that it asks for.
func everything(w *abi.TreeWriter, component uint16) {
	c := abi.ComponentAt(component)
	if c.Parents != nil {
		parent := abi.ComponentAt(c.Parents[0])
		if parent.Parents != nil {
			openRequired(w, parent.Parents[0])
			defer w.Close()
		}
		openRequired(w, c.Parents[0])
		defer w.Close()
	}
	w.Open(component)
	for i := range c.Props {
		writeProp(w, c, i)
	}
	for e := range c.Events {
		w.On(uint8(e), uint32(e)+1)
	}
	w.Close()
}

func openRequired(w *abi.TreeWriter, component uint16) {
	c := abi.ComponentAt(component)
	w.Open(component)
	for i := range c.Props {
		if c.Props[i].Required {
			writeProp(w, c, i)
		}
	}
}

// registered are texts of a host component that fits hostMap.
var registered = map[string]string{"host.name": "acme.map", "host.props": `{"title": "<b>&\"'"}`, "part.slot": "legend"}

// hostMap is what the tests' hosts have registered.
func hostMap() *abi.HostComponents {
	c, err := abi.NewHostComponents(abi.HostComponent{Name: "acme.map", Slots: []string{"", "legend"},
		Props: []abi.HostProperty{{Name: "title"}}, Calls: []abi.HostCall{{Name: "closed"}}})
	if err != nil {
		panic(err) // it is right
	}
	return c
}

func writeProp(w *abi.TreeWriter, c *abi.Component, i int) {
	number, spec := uint8(i), &c.Props[i]
	if text, ok := registered[c.Name+"."+spec.Name]; ok {
		w.Text(number, text)
		return
	}
	switch spec.Kind {
	case abi.KindText:
		w.Text(number, fmt.Sprintf("%s of %s: <b>&\"'", spec.Name, c.Name))
	case abi.KindBool:
		w.Bool(number, true)
	case abi.KindInt:
		w.Int(number, min(spec.Max, spec.Min+2))
	case abi.KindNumber:
		w.Number(number, 0.5+float64(i))
	case abi.KindEnum:
		w.Enum(number, uint8(len(spec.Values)-1))
	case abi.KindAsset:
		w.Text(number, "img/logo.png")
	case abi.KindLink:
		w.Text(number, "https://example.com/a?b=c#d")
	case abi.KindDrawing:
		d := abi.AppendRect(nil, abi.InkAccent, 0, 10, 20, 300)
		d = abi.AppendLine(d, abi.InkMuted, -5, 0, 5, 0)
		w.Drawing(number, abi.AppendLabel(d, abi.InkDefault, 3, 4, 1, "zwölf"))
	}
}

func snapVectors(t *testing.T) []vectorCase {
	var out []vectorCase
	for n := range abi.Components() {
		s := newScript(t, abi.ComponentAt(uint16(n)).Name)
		s.show(in(func(w *abi.TreeWriter) { everything(w, uint16(n)) }))
		out = append(out, s.c)
	}
	s := newScript(t, "all in one")
	s.show(in(func(w *abi.TreeWriter) {
		for n := range abi.Components() {
			everything(w, uint16(n))
		}
	}))
	return append(out, s.c)
}

// texts is a column of texts; each has its text as its key, unless it begins with "-".
func texts(items ...string) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		for _, item := range items {
			w.Open(abi.ComponentText)
			if !strings.HasPrefix(item, "-") {
				w.Key(item)
			}
			w.Text(0, item)
			w.Close()
		}
	})
}

func button(text string, set func(w *abi.TreeWriter)) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		w.Open(abi.ComponentButton)
		w.Text(0, text)
		if set != nil {
			set(w)
		}
		w.Close()
	})
}

func patchVectors(t *testing.T) []vectorCase {
	bound := func(w *abi.TreeWriter) { w.On(0, 9) }
	long := strings.Repeat("a string of 65 bytes is not interned ", 2)[:65]
	var out []vectorCase
	for _, c := range []struct {
		name  string
		trees []*abi.Tree
	}{
		{"TEXT", []*abi.Tree{texts("-one"), texts("-two")}},
		{"SET and UNSET", []*abi.Tree{
			button("go", nil),
			button("go", func(w *abi.TreeWriter) { w.Enum(1, 1); w.Bool(2, true); w.Text(4, "Go on") }),
			button("go", func(w *abi.TreeWriter) { w.Bool(2, false) }),
			button("go", nil),
		}},
		{"SET of numbers", []*abi.Tree{
			in(func(w *abi.TreeWriter) { everything(w, abi.ComponentProgress) }),
			in(func(w *abi.TreeWriter) {
				w.Open(abi.ComponentProgress)
				w.Number(0, -0.125)
				w.Text(1, "label of progress: <b>&\"'")
				w.Number(2, 1e300)
				w.Close()
			}),
		}},
		{"ON and OFF", []*abi.Tree{button("go", nil), button("go", bound), button("go", nil)}},
		{"INS at the start, in the middle, at the end", []*abi.Tree{
			texts("b"), texts("a", "b"), texts("a", "a2", "b"), texts("a", "a2", "b", "c"),
		}},
		{"INS of a subtree, then below it", []*abi.Tree{
			texts("a"),
			in(func(w *abi.TreeWriter) {
				w.Open(abi.ComponentBox)
				w.Enum(0, 1)
				everything(w, abi.ComponentButton)
				everything(w, abi.ComponentText)
				w.Close()
			}),
			in(func(w *abi.TreeWriter) {
				w.Open(abi.ComponentBox)
				everything(w, abi.ComponentButton)
				everything(w, abi.ComponentHeading)
				everything(w, abi.ComponentText)
				w.Close()
			}),
		}},
		{"DEL", []*abi.Tree{texts("a", "b", "c"), texts("a", "c"), texts("c"), texts()}},
		{"MOVE", []*abi.Tree{
			texts("a", "b", "c", "d", "e"), texts("e", "a", "b", "c", "d"), texts("b", "c", "d", "e", "a"), texts("a", "e", "d", "c", "b"),
		}},
		{"ids are not used again", []*abi.Tree{texts("a", "b"), texts("a"), texts("a", "c"), texts("a", "c", "d")}},
		{"strings are interned", []*abi.Tree{
			texts("-abc", "-ab", "-abc", "-日本"), texts("-x", "-abc", "-ab", "-日本"), texts("-日本", "-xyz", "-xyz", "-abc"),
			texts("-"+long, "-"+long, "-"+long, "-abc"), texts("-"+long[1:], "-"+long[1:], "-"+long[2:], "-"+long[2:]),
		}},
		{"another root is another epoch", []*abi.Tree{texts("one"), rows("1"), rows("1", "2")}},
	} {
		s := newScript(t, c.name)
		out = append(out, s.show(c.trees...).c)
	}
	return append(out, manyStrings(t), ackVector(t))
}

// manyStrings fills the table of strings: the 1,024th is interned, the next is not.
func manyStrings(t *testing.T) vectorCase {
	s := newScript(t, "the table of strings is full at 1,024")
	items := make([]string, 1022)
	for i := range items {
		items[i] = fmt.Sprintf("-%03x", i)
	}
	s.show(texts(items...))
	last := func(text string) *abi.Tree { return texts(append(items[:1021:1021], text)...) }
	s.show(last("-last"), last("-really"), last("-over"), last("-last"), last("-over"), last("-really"))
	for i := range len(s.c.Steps) - 1 {
		s.c.Steps[i].Tree = nil // only the last, for they are long
	}
	return s.c
}

func ackVector(t *testing.T) vectorCase {
	s := newScript(t, "a PATCH without ops acknowledges")
	s.show(button("go", func(w *abi.TreeWriter) { w.On(0, 1) }))
	s.person(2, 0, nil, true)
	s.person(2, 0, nil, true)
	s.mount.Idle()
	s.pump()
	return s.c
}

type m map[string]any

// frameFile is a file of frames and what they say.
type frameFile struct {
	Doc    string        `json:"doc"`
	Frames []frameVector `json:"frames"`
}

type frameVector struct {
	Name   string `json:"name"`
	Frame  string `json:"frame"`
	Fields any    `json:"fields"`
}

func (f *frameFile) add(name string, b []byte, fields any) {
	f.Frames = append(f.Frames, frameVector{name, hex.EncodeToString(b), fields})
}

// effectVectors are the frames that pages did not know at first.
func effectVectors() any {
	out := frameFile{Doc: "FX, NAK and CANCEL, and what they say."}
	add := out.add
	add("FX focus", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectFocus, Node: 12}).Append(nil), m{"mount": 1, "ev": 7, "kind": 1, "node": 12})
	add("FX scroll", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectScroll, Node: 12}).Append(nil), m{"mount": 1, "ev": 7, "kind": 2, "node": 12})
	add("FX announce", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectAnnounce, Text: "Saved"}).Append(nil), m{"mount": 1, "ev": 7, "kind": 3, "text": "Saved"})
	add("FX toast", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectToast, Tone: 3, Text: "für"}).Append(nil), m{"mount": 1, "ev": 7, "kind": 4, "tone": 3, "text": "für"})
	add("FX open", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectOpen, Text: "https://example.org/"}).Append(nil), m{"mount": 1, "ev": 7, "kind": 5, "text": "https://example.org/"})
	add("FX copy", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectCopy, Text: "a\nb"}).Append(nil), m{"mount": 1, "ev": 7, "kind": 6, "text": "a\nb"})
	add("FX download", (&abi.Effect{Mount: 1, Ev: 7, Kind: abi.EffectDownload, Text: "a.csv", Token: "dG9rZW4"}).Append(nil), m{"mount": 1, "ev": 7, "kind": 7, "text": "a.csv", "token": "dG9rZW4"})
	add("NAK", (&abi.Nak{Mount: 1, Epoch: 2, Seq: 200}).Append(nil), m{"mount": 1, "epoch": 2, "seq": 200})
	add("CANCEL", (&abi.Cancel{Mount: 1, Ev: 9}).Append(nil), m{"mount": 1, "ev": 9})
	return out
}

func frameVectors() any {
	secret := [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	catalog := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	out := frameFile{Doc: "Frames and what they say. Bytes are hexadecimal, times milliseconds."}
	add := out.add
	add("HELLO", (&abi.Hello{Version: 1, Session: secret, Catalog: catalog, Heartbeat: 15e9, Window: 4, MaxFrame: 262144}).Append(nil),
		m{"version": 1, "session": hex.EncodeToString(secret[:]), "catalog": "0102030405060708", "heartbeat": 15000, "window": 4, "maxFrame": 262144})
	add("FAULT", (&abi.Fault{Mount: 3, Code: abi.FaultPlugin, Retry: 1500e6, Text: "The plugin failed: ü."}).Append(nil),
		m{"mount": 3, "code": 1, "retry": 1500, "text": "The plugin failed: ü."})
	add("FAULT that ends nothing", (&abi.Fault{Mount: 1, Code: abi.FaultNotice, Text: "The plugin could not do that: ü."}).Append(nil),
		m{"mount": 1, "code": 7, "retry": 0, "text": "The plugin could not do that: ü."})
	add("FAULT of the connection", (&abi.Fault{Code: abi.FaultLimit}).Append(nil), m{"mount": 0, "code": 4, "retry": 0, "text": ""})
	add("RESUMED", (&abi.Resumed{Mount: 1, Epoch: 2, Seq: 300, Ev: 70000}).Append(nil), m{"mount": 1, "epoch": 2, "seq": 300, "ev": 70000})
	add("PING", abi.AppendSimple(nil, abi.FramePing), m{})
	add("BYE", (&abi.Bye{Retry: 2e9}).Append(nil), m{"retry": 2000})
	add("UPLOAD", (&abi.Upload{Mount: 1, Ev: 9, Token: "dG9rZW4"}).Append(nil), m{"mount": 1, "ev": 9, "token": "dG9rZW4"})
	add("CLIENT HELLO", (&abi.ClientHello{Version: 1, Catalog: catalog}).Append(nil), m{"version": 1, "catalog": "0102030405060708"})
	add("MOUNT", (&abi.Mount{Mount: 2, Visible: true, Ticket: "abc-_9"}).Append(nil), m{"mount": 2, "visible": true, "ticket": "abc-_9"})
	var p abi.PayloadWriter
	p.Int(-1)
	p.Int(1000)
	p.Number(-2.5)
	add("EVENT", (&abi.Event{Mount: 2, Ev: 130, Node: 5, Event: 4, Seen: 7, Payload: p.Bytes()}).Append(nil),
		m{"mount": 2, "ev": 130, "node": 5, "event": 4, "seen": 7, "payload": hex.EncodeToString(p.Bytes()), "values": []any{-1, 1000, -2.5}})
	var q abi.PayloadWriter
	q.Text("tür")
	add("EVENT with text", (&abi.Event{Mount: 1, Ev: 1, Node: 2, Seen: 1, Payload: q.Bytes()}).Append(nil),
		m{"mount": 1, "ev": 1, "node": 2, "event": 0, "seen": 1, "payload": hex.EncodeToString(q.Bytes()), "values": []any{"tür"}})
	add("ACK", (&abi.Ack{Mount: 1, Seq: 200}).Append(nil), m{"mount": 1, "seq": 200})
	add("RESUME", (&abi.Resume{Session: secret, Mounts: []abi.ResumePoint{{Mount: 1, Epoch: 1, Seq: 9}, {Mount: 2}}}).Append(nil),
		m{"session": hex.EncodeToString(secret[:]), "mounts": []any{[]int{1, 1, 9}, []int{2, 0, 0}}})
	add("VISIBLE", (&abi.Visible{Mount: 1}).Append(nil), m{"mount": 1, "visible": false})
	add("UNMOUNT", (&abi.Unmount{Mount: 1}).Append(nil), m{"mount": 1})
	add("PONG", abi.AppendSimple(nil, abi.FramePong), m{})
	return out
}
