package abi_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleParseSimple() {
	fmt.Println(abi.ParseSimple([]byte{byte(abi.FramePong)}, abi.FramePong))
	fmt.Println(abi.ParseSimple([]byte{byte(abi.FramePong), 1}, abi.FramePong) != nil)
	// Output:
	// <nil>
	// true
}

func ExampleSnap() {
	var tree abi.Tree
	_ = tree.Decode([]byte{1, 3, 3, 1, 2, '+', '1', 4, 0, 7, 0}, nil) // a button that says +1
	snap := abi.Snap{Mount: 1, Epoch: 1, Seq: 1}
	var w abi.PatchWriter
	w.Begin(snap.AppendHead(nil))
	w.Node(&tree, 0)
	fmt.Printf("% x\n", w.Bytes())

	var got abi.Snap
	err := got.Parse(w.Bytes())
	fmt.Printf("mount %d, seq %d, body % x, %v\n", got.Mount, got.Seq, got.Body, err)
	// Output:
	// 03 01 01 01 00 1b 01 01 04 2b 31 01
	// mount 1, seq 1, body 1b 01 01 04 2b 31 01, <nil>
}

func ExamplePatch() {
	patch := abi.Patch{Mount: 1, Seq: 5, AckEv: 3}
	fmt.Printf("% x\n", patch.AppendHead(nil)) // ops follow, see PatchWriter
	// Output: 04 01 05 03
}

func ExampleEvent() {
	e := abi.Event{Mount: 1, Ev: 2, Node: 5, Event: 0, Seen: 4}
	b := e.Append(nil)
	mount, ok := abi.MountOf(b)
	fmt.Printf("% x, type %#x, mount %d %v\n", b, byte(abi.TypeOf(b)), mount, ok)
	// Output: 43 01 02 05 00 04, type 0x43, mount 1 true
}

// A codec is a frame as every one is.
type codec interface {
	Parse(frame []byte) error
	Append(b []byte) []byte
}

// Frames whose body others write get an Append here.
type (
	snap  struct{ abi.Snap }
	patch struct{ abi.Patch }
)

func (s *snap) Append(b []byte) []byte  { return append(s.AppendHead(b), s.Body...) }
func (p *patch) Append(b []byte) []byte { return append(p.AppendHead(b), p.Body...) }

func newFrames() map[string]codec {
	return map[string]codec{
		"Hello": new(abi.Hello), "Snap": new(snap), "Patch": new(patch), "Fault": new(abi.Fault), "Resumed": new(abi.Resumed),
		"Bye": new(abi.Bye), "Pixels": new(abi.Pixels), "Upload": new(abi.Upload),
		"ClientHello": new(abi.ClientHello), "Mount": new(abi.Mount), "Event": new(abi.Event), "Ack": new(abi.Ack),
		"Resume": new(abi.Resume), "Visible": new(abi.Visible), "Unmount": new(abi.Unmount),
		"Effect": new(abi.Effect), "Nak": new(abi.Nak), "Cancel": new(abi.Cancel),
		"Props": new(abi.Props), "PageCall": new(abi.PageCall), "PageAnswer": new(abi.PageAnswer), "Refused": new(abi.Refused), "Taken": new(abi.Taken),
	}
}

type frameVectors struct {
	Frames []struct {
		Name, Type, Hex string
		Value           any
	} `json:"frames"`
	Refused []struct{ Name, Type, Hex, Error string } `json:"refused"`
}

func readFrames(t testing.TB) (v frameVectors) {
	readJSON(t, "testdata/frames.json", &v)
	if len(v.Frames) < 20 || len(v.Refused) < 60 {
		t.Fatalf("%d and %d vectors", len(v.Frames), len(v.Refused))
	}
	return v
}

func TestFrameVectors(t *testing.T) {
	types := newFrames()
	for _, v := range readFrames(t).Frames {
		frame := unhex(t, v.Hex)
		f := newFrames()[v.Type]
		if err := f.Parse(frame); err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if got := readableFrame(f); !reflect.DeepEqual(got, v.Value) {
			t.Errorf("%s: got\n%v, want\n%v", v.Name, got, v.Value)
		}
		if out := f.Append([]byte("before")); string(out) != "before"+string(frame) {
			t.Errorf("%s: came back as %x", v.Name, out)
		}
		delete(types, v.Type)
	}
	if len(types) > 0 {
		t.Errorf("no vector of %v", types)
	}
}

func TestFramesRefused(t *testing.T) {
	for _, v := range readFrames(t).Refused {
		used := newFrames()[v.Type]
		fill(reflect.ValueOf(used).Elem())
		err := used.Parse(unhex(t, v.Hex))
		if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), v.Error) {
			t.Errorf("%s: got %v, want %q", v.Name, err, v.Error)
		}
		if !reflect.ValueOf(used).Elem().IsZero() {
			t.Errorf("%s: an error left %+v", v.Name, used)
		}
	}
}

// fill sets the numbers and texts of a struct, as if something had been parsed into it before.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Uint32, reflect.Uint8:
		v.SetUint(9)
	case reflect.Int32, reflect.Int, reflect.Int64:
		v.SetInt(-9)
	case reflect.String:
		v.SetString("old")
	}
}

// A frame that ends early is refused, unless what is cut off is a body, which has no length.
func TestFramesCutOffAnywhere(t *testing.T) {
	for _, v := range readFrames(t).Frames {
		frame := unhex(t, v.Hex)
		whole := newFrames()[v.Type]
		_ = whole.Parse(frame)
		body := map[string]int{"Snap": 0, "Patch": 0, "Event": 0}
		switch f := whole.(type) {
		case *snap:
			body["Snap"] = len(f.Body)
		case *patch:
			body["Patch"] = len(f.Body)
		case *abi.Event:
			body["Event"] = len(f.Payload)
		}
		for n := range len(frame) - body[v.Type] {
			if m, ok := whole.(*abi.Mount); ok && m.Props != nil && n == len((&abi.Mount{Mount: m.Mount, Ticket: m.Ticket}).Append(nil)) {
				continue // one without props
			}
			if err := newFrames()[v.Type].Parse(frame[:n]); !errors.Is(err, abi.ErrMalformed) {
				t.Errorf("%s: %d of %d bytes: %v", v.Name, n, len(frame), err)
			}
		}
		for typ, other := range newFrames() {
			if typ != v.Type && other.Parse(frame) == nil {
				t.Errorf("%s was taken for a %s", v.Name, typ)
			}
		}
	}
}

// readableFrame is a frame as the vectors write it: lower camel case, bytes in hex, durations in ms.
func readableFrame(f codec) any {
	v := reflect.ValueOf(f).Elem()
	if v.NumField() == 1 && v.Type().Field(0).Anonymous {
		v = v.Field(0)
	}
	b, _ := json.Marshal(readableField(v))
	var out any
	_ = json.Unmarshal(b, &out)
	return out
}

func readableField(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.Milliseconds()
	case []byte:
		return hex.EncodeToString(x)
	}
	switch v.Kind() {
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			out[strings.ToLower(name[:1])+name[1:]] = readableField(v.Field(i))
		}
		return out
	case reflect.Array:
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return hex.EncodeToString(b)
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = readableField(v.Index(i))
		}
		return out
	}
	return v.Interface()
}

func TestFrameSizes(t *testing.T) {
	event := abi.Event{Mount: 1, Payload: make([]byte, abi.MaxPayload)}
	if err := event.Parse(event.Append(nil)); err != nil {
		t.Errorf("the longest payload: %v", err)
	}
	event = abi.Event{Mount: 1, Payload: make([]byte, abi.MaxPayload+1)}
	if err := event.Parse(event.Append(nil)); !errors.Is(err, abi.ErrLimit) {
		t.Errorf("one byte more: %v", err)
	}
	head := abi.Snap{Mount: 1}
	frame := head.AppendHead(nil)
	frame = append(frame, make([]byte, abi.MaxFrame-len(frame))...)
	if err := head.Parse(frame); err != nil {
		t.Errorf("the largest frame: %v", err)
	}
	if err := head.Parse(append(frame, 0)); !errors.Is(err, abi.ErrLimit) {
		t.Errorf("one byte more: %v", err)
	}
	var resume abi.Resume
	for i := range uint32(abi.MaxMounts) {
		resume.Mounts = append(resume.Mounts, abi.ResumePoint{Mount: i + 1})
	}
	if err := resume.Parse(resume.Append(nil)); err != nil || len(resume.Mounts) != abi.MaxMounts {
		t.Errorf("%d mounts, %v", len(resume.Mounts), err)
	}
}

func TestSimpleFrames(t *testing.T) {
	for _, typ := range []abi.FrameType{abi.FramePing, abi.FramePong} {
		b := abi.AppendSimple(nil, typ)
		if err := abi.ParseSimple(b, typ); err != nil || abi.TypeOf(b) != typ {
			t.Errorf("%x: %v", b, err)
		}
		if abi.ParseSimple(append(b, 0), typ) == nil || abi.ParseSimple(nil, typ) == nil || abi.ParseSimple([]byte{1}, typ) == nil {
			t.Errorf("%x: another frame was accepted", typ)
		}
	}
	if abi.TypeOf(nil) != 0 {
		t.Error("an empty frame has a type")
	}
}

func TestMountOf(t *testing.T) {
	for _, v := range readFrames(t).Frames {
		frame := unhex(t, v.Hex)
		value := v.Value.(map[string]any)
		want, has := value["mount"].(float64)
		got, ok := abi.MountOf(frame)
		if ok != (has && want > 0) || ok && float64(got) != want {
			t.Errorf("%s: %d, %v", v.Name, got, ok)
		}
	}
	for _, in := range [][]byte{nil, {3}, {3, 0x80}, {3, 0}, {0x45, 1}, {0x30, 1}, {3, 0x81, 0}} {
		if _, ok := abi.MountOf(in); ok {
			t.Errorf("%x has a mount", in)
		}
	}
}

// What a server writes must be a frame whatever it is given, because the text is often a guest's.
func TestFaultIsAlwaysAFrame(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                         "plain",
		"\xff\xfe!":                     "\ufffd!",
		strings.Repeat("x", 3000):       strings.Repeat("x", abi.MaxFaultText),
		"x" + strings.Repeat("é", 2000): "x" + strings.Repeat("é", 1023),
		strings.Repeat("\xff", 9000):    "\ufffd",
		strings.Repeat("\xff.", 9000):   strings.Repeat("\ufffd.", 512),
	} {
		f := abi.Fault{Mount: 1, Code: abi.FaultPlugin, Text: in}
		var got abi.Fault
		if err := got.Parse(f.Append(nil)); err != nil || got.Text != want || !utf8.ValidString(got.Text) {
			t.Errorf("%.20q: %v, %.20q of %d", in, err, got.Text, len(got.Text))
		}
	}
}

func TestDurationsInFrames(t *testing.T) {
	for in, want := range map[time.Duration]time.Duration{
		0:                    0,
		1:                    time.Millisecond, // 0 would mean never
		time.Second:          time.Second,
		time.Second + 1:      time.Second + time.Millisecond,
		-time.Second:         0,
		math.MaxInt64:        math.MaxUint32 * time.Millisecond,
		2000 * time.Hour * 2: math.MaxUint32 * time.Millisecond,
	} {
		b := abi.Bye{Retry: in}
		var got abi.Bye
		if err := got.Parse(b.Append(nil)); err != nil || got.Retry != want {
			t.Errorf("%v: got %v, %v, want %v", in, got.Retry, err, want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	v := readFrames(f)
	for _, frame := range v.Frames {
		f.Add(unhex(f, frame.Hex))
	}
	for _, frame := range v.Refused {
		f.Add(unhex(f, frame.Hex))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		accepted := 0
		for name, frame := range newFrames() {
			if err := frame.Parse(in); err != nil {
				if !reflect.ValueOf(frame).Elem().IsZero() || !errors.Is(err, abi.ErrMalformed) || len(err.Error()) > 300 {
					t.Fatalf("%s: %+v, %v", name, frame, err)
				}
				continue
			}
			accepted++
			if out := frame.Append(nil); !bytes.Equal(out, in) {
				t.Fatalf("%s: %x came back as %x", name, in, out)
			}
		}
		if _, ok := abi.MountOf(in); accepted > 1 || ok && abi.TypeOf(in) == 0 {
			t.Fatalf("%x is %d frames", in, accepted)
		}
	})
}
