package abi_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

func ExampleEventToGuest() {
	_, canvas, _ := abi.FindComponent("canvas")
	var payload abi.PayloadWriter
	payload.Int(120)
	payload.Int(-3)
	b, err := abi.EventToGuest(nil, &canvas.Events[0], 7, payload.Bytes(), nil) // press
	v, _ := cbor.Unmarshal(b)
	fmt.Println(v, err)
	// Output: [7 [120 -3]] <nil>
}

// eventType finds an event of the catalog.
func eventType(t testing.TB, component, event string) *abi.EventType {
	t.Helper()
	_, comp, _ := abi.FindComponent(component)
	for i := range comp.Events {
		if comp.Events[i].Name == event {
			return &comp.Events[i]
		}
	}
	t.Fatalf("no event %s.%s", component, event)
	return nil
}

func payload(write func(w *abi.PayloadWriter)) []byte {
	var w abi.PayloadWriter
	write(&w)
	return w.Bytes()
}

// bools is an event that the catalog does not have yet, but may.
var bools = &abi.EventType{Name: "toggle", Fields: []abi.Field{{Name: "on", Kind: abi.KindBool}, {Name: "off", Kind: abi.KindBool}}}

func TestEventToGuest(t *testing.T) {
	file := eventType(t, "filefield", "file")
	about := payload(func(w *abi.PayloadWriter) { w.Text("a.csv"); w.Text("text/csv"); w.Int(3) })
	for _, c := range []struct {
		name    string
		event   *abi.EventType
		payload []byte
		file    []byte
		want    string // of the CBOR, or of the error after "!"
	}{
		{"no fields", eventType(t, "button", "click"), nil, nil, "[7 []]"},
		{"text", eventType(t, "textfield", "input"), payload(func(w *abi.PayloadWriter) { w.Text("é\x00") }), nil, "[7 [é\x00]]"},
		{"empty text", eventType(t, "textfield", "input"), []byte{0}, nil, "[7 []]"},
		{"number", eventType(t, "slider", "change"), payload(func(w *abi.PayloadWriter) { w.Number(-0.25) }), nil, "[7 [-0.25]]"},
		{"ints", eventType(t, "canvas", "press"), payload(func(w *abi.PayloadWriter) { w.Int(math.MinInt64); w.Int(math.MaxInt64) }), nil, "[7 [-9223372036854775808 9223372036854775807]]"},
		{"mixed", eventType(t, "canvas", "wheel"), payload(func(w *abi.PayloadWriter) { w.Int(1); w.Int(2); w.Number(3) }), nil, "[7 [1 2 3]]"},
		{"bools", bools, []byte{1, 0}, nil, "[7 [true false]]"},
		{"file", file, about, []byte{1, 2, 3}, "[7 [a.csv text/csv 3 [1 2 3]]]"},
		{"empty file", file, about, nil, "[7 [a.csv text/csv 3 []]]"},
		{"bytes for no file", eventType(t, "button", "click"), nil, []byte{1}, "[7 []]"},

		{"field missing", eventType(t, "canvas", "press"), []byte{2}, nil, "!no number here"},
		{"field too many", eventType(t, "button", "click"), []byte{0}, nil, "!1 bytes are left over"},
		{"text cut off", eventType(t, "textfield", "input"), []byte{2, 'a'}, nil, "!2 bytes announced, 1 are left"},
		{"text not UTF-8", eventType(t, "textfield", "input"), []byte{1, 0xff}, nil, "!value is not valid UTF-8"},
		{"text too long", eventType(t, "textfield", "input"), binary.AppendUvarint(nil, abi.MaxPayload+1), nil, "!length of value 65537 is above 65536"},
		{"NaN", eventType(t, "slider", "change"), payload(func(w *abi.PayloadWriter) { w.Number(math.NaN()) }), nil, "!NaN is not a finite number"},
		{"infinity", eventType(t, "slider", "change"), payload(func(w *abi.PayloadWriter) { w.Number(math.Inf(-1)) }), nil, "!-Inf is not a finite number"},
		{"number cut off", eventType(t, "slider", "change"), make([]byte, 7), nil, "!8 bytes announced, 7 are left"},
		{"bool 2", bools, []byte{1, 2}, nil, "!off 2 is above 1"},
		{"not shortest", eventType(t, "canvas", "press"), []byte{0x80, 0, 0}, nil, "!not in its shortest form"},
		{"kind without a form", &abi.EventType{Fields: []abi.Field{{Name: "d", Kind: abi.KindDrawing}}}, []byte{0}, nil, "!field d has no form in a payload"},
	} {
		got, err := abi.EventToGuest([]byte("before"), c.event, 7, c.payload, c.file)
		if !bytes.HasPrefix(got, []byte("before")) {
			t.Fatalf("%s: %q lost what was there", c.name, got)
		}
		got = got[len("before"):]
		if message, failed := strings.CutPrefix(c.want, "!"); failed {
			if !errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), message) || len(got) > 0 {
				t.Errorf("%s: got %x, %v, want %q", c.name, got, err, message)
			}
			continue
		}
		v, bad := cbor.Unmarshal(got)
		if err != nil || bad != nil || fmt.Sprint(v) != c.want {
			t.Errorf("%s: got %v, %v, %v, want %s", c.name, v, err, bad, c.want)
		}
	}
}

func TestPayloadValue(t *testing.T) {
	integer := &abi.EventType{Name: "step", Fields: []abi.Field{{Name: "n", Kind: abi.KindInt}}}
	flag := &abi.EventType{Name: "flag", Fields: []abi.Field{{Name: "on", Kind: abi.KindBool}}}
	for _, c := range []struct {
		name    string
		event   *abi.EventType
		payload []byte
		bits    uint64
		data    string
		want    string
	}{
		{"text", eventType(t, "textfield", "change"), []byte("\x02hi"), 0, "hi", ""},
		{"number", eventType(t, "slider", "change"), payload(func(w *abi.PayloadWriter) { w.Number(1.5) }), math.Float64bits(1.5), "", ""},
		{"int", integer, payload(func(w *abi.PayloadWriter) { w.Int(-3) }), 5, "", ""},
		{"bool", flag, []byte{1}, 1, "", ""},
		{"no field", eventType(t, "button", "click"), nil, 0, "", "event click does not carry one value"},
		{"two fields", eventType(t, "canvas", "press"), []byte{0, 0}, 0, "", "event press does not carry one value"},
		{"bool 2", flag, []byte{2}, 0, "", "on 2 is above 1"},
		{"left over", integer, []byte{1, 1}, 0, "", "1 bytes are left over"},
		{"not UTF-8", eventType(t, "textfield", "change"), []byte("\x01\xff"), 0, "", "value is not valid UTF-8"},
		{"infinite", eventType(t, "slider", "change"), payload(func(w *abi.PayloadWriter) { w.Number(math.Inf(1)) }), 0, "", "+Inf is not a finite number"},
	} {
		bits, data, err := abi.PayloadValue(c.event, c.payload)
		if bits != c.bits || string(data) != c.data || (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d, %q, %v", c.name, bits, data, err)
		}
	}
}

func TestUploadFields(t *testing.T) {
	in := payload(func(w *abi.PayloadWriter) { w.Text("a.csv"); w.Text("text/csv"); w.Int(1 << 40) })
	name, media, size, err := abi.UploadFields(in)
	if name != "a.csv" || media != "text/csv" || size != 1<<40 || err != nil {
		t.Errorf("%q %q %d %v", name, media, size, err)
	}
	for want, in := range map[string][]byte{
		"size -1":                        payload(func(w *abi.PayloadWriter) { w.Text("a"); w.Text("b"); w.Int(-1) }),
		"length of name 513 is above":    payload(func(w *abi.PayloadWriter) { w.Text(strings.Repeat("a", 513)); w.Text(""); w.Int(0) }),
		"length of type 129 is above":    payload(func(w *abi.PayloadWriter) { w.Text(""); w.Text(strings.Repeat("a", 129)); w.Int(0) }),
		"name is not valid UTF-8":        payload(func(w *abi.PayloadWriter) { w.Text("\xff"); w.Text(""); w.Int(0) }),
		"1 bytes are left over":          append(in[:len(in):len(in)], 0),
		"no number here":                 in[:len(in)-1],
		"no number here (of the length)": nil,
	} {
		name, media, size, err := abi.UploadFields(in)
		want, _, _ = strings.Cut(want, " (")
		if err == nil || !strings.Contains(err.Error(), want) || name != "" || media != "" || size != 0 {
			t.Errorf("%s: got %q %q %d %v", want, name, media, size, err)
		}
	}
}

// fuzzedEvents are the events that a fuzzed payload is read as.
func fuzzedEvents() []*abi.EventType {
	events := []*abi.EventType{bools}
	for i := range abi.Components() {
		comp := abi.ComponentAt(uint16(i))
		for e := range comp.Events {
			events = append(events, &comp.Events[e])
		}
	}
	return events
}

func FuzzEventToGuest(f *testing.F) {
	events := fuzzedEvents()
	for i := range events {
		f.Add(uint8(i), uint32(i), []byte{1, 'a', 1, 'b', 6})
		f.Add(uint8(i), uint32(i), make([]byte, 10))
	}
	f.Fuzz(func(t *testing.T, which uint8, handler uint32, in []byte) {
		event := events[int(which)%len(events)]
		got, err := abi.EventToGuest(nil, event, handler, in, []byte("file"))
		if err != nil {
			if !errors.Is(err, abi.ErrMalformed) || len(got) > 0 {
				t.Fatalf("%x, %v", got, err)
			}
			return
		}
		v, err := cbor.Unmarshal(got)
		if err != nil {
			t.Fatal(err)
		}
		top := v.([]any)
		fields := top[1].([]any)
		if len(top) != 2 || top[0] != int64(handler) {
			t.Fatalf("%v", v)
		}
		if event.Upload {
			if !reflect.DeepEqual(fields[len(fields)-1], []byte("file")) {
				t.Fatalf("%v", v)
			}
			fields = fields[:len(fields)-1]
		}
		if out := payloadOf(event, fields); !bytes.Equal(out, in) {
			t.Fatalf("%s: %x came back as %x", event.Name, in, out)
		}
	})
}

// payloadOf writes what a guest heard as a browser would have.
func payloadOf(event *abi.EventType, fields []any) []byte {
	return payload(func(w *abi.PayloadWriter) {
		for i, f := range event.Fields {
			switch f.Kind {
			case abi.KindText:
				w.Text(fields[i].(string))
			case abi.KindNumber:
				w.Number(fields[i].(float64))
			case abi.KindInt:
				w.Int(fields[i].(int64))
			case abi.KindBool:
				if fields[i].(bool) {
					w.Int(-1) // which zigzag writes as 1
				} else {
					w.Int(0)
				}
			}
		}
	})
}
