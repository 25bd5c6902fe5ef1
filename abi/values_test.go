package abi_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

func ExampleGuestFailure() {
	b := abi.GuestFailure{Code: abi.CodeInvalid, Message: "line 3: no comma"}.Append(nil)
	f, err := abi.ParseGuestFailure(b)
	fmt.Println(f.Code.String(), f.Message, err)
	// Output: invalid line 3: no comma <nil>
}

func ExampleParseGuestFailure() {
	f, err := abi.ParseGuestFailure([]byte("\x82\x20\x6ano network"))
	fmt.Println(f.Code == abi.CodeDenied, f.Message, err)
	_, err = abi.ParseGuestFailure([]byte("\x82\x20"))
	fmt.Println(err != nil)
	// Output:
	// true no network <nil>
	// true
}

func ExampleNewResult() {
	r := abi.NewResult(0x1000, 5, true)
	fmt.Printf("%#x: %d bytes at %#x, failed %v\n", uint64(r), r.Len(), r.Pointer(), r.Failed())
	// Output: 0x100080000005: 5 bytes at 0x1000, failed true
}

type valueVectors struct {
	Values  []struct{ Rule, Hex, Diagnostic string } `json:"values"`
	Refused []struct{ Rule, About, Hex string }      `json:"refused"`
}

// Each rule of abi.cddl has values that it describes, in the one encoding that they have, and values
// that it does not.
func TestValueVectors(t *testing.T) {
	var v valueVectors
	readJSON(t, "testdata/values.json", &v)
	rules := readCDDL(t, "abi.cddl")
	right, wrong := map[string]int{}, map[string]int{}
	for _, c := range v.Values {
		right[c.Rule]++
		in := unhex(t, c.Hex)
		value, err := cbor.Unmarshal(in)
		if err != nil || diagnostic(value) != c.Diagnostic {
			t.Errorf("%s: got %s, %v, want %s", c.Hex, diagnostic(value), err, c.Diagnostic)
			continue
		}
		if out, err := cbor.Marshal(value); err != nil || !bytes.Equal(out, in) {
			t.Errorf("%s: came back as %x, %v", c.Hex, out, err)
		}
		if !rules.rule(c.Rule)(value) {
			t.Errorf("%s: %s is not a %s", c.Hex, c.Diagnostic, c.Rule)
		}
	}
	for _, c := range v.Refused {
		wrong[c.Rule]++
		if value, err := cbor.Unmarshal(unhex(t, c.Hex)); err == nil && rules.rule(c.Rule)(value) {
			t.Errorf("%s (%s): %s was taken for a %s", c.About, c.Hex, diagnostic(value), c.Rule)
		}
	}
	for name := range rules.rules {
		if right[name] == 0 || wrong[name] == 0 {
			t.Errorf("rule %s: %d right and %d wrong values", name, right[name], wrong[name])
		}
	}
}

// diagnostic is the diagnostic notation of RFC 8949 section 8.
func diagnostic(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case float64:
		switch s := strconv.FormatFloat(v, 'g', -1, 64); {
		case math.IsNaN(v):
			return "NaN"
		case math.IsInf(v, 0):
			return strings.TrimPrefix(s, "+") + "inity"
		case strings.ContainsAny(s, ".e"):
			return s
		default:
			return s + ".0"
		}
	case string:
		return strconv.Quote(v)
	case []byte:
		return fmt.Sprintf("h'%x'", v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = diagnostic(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for key, value := range v {
			parts = append(parts, diagnostic(key)+": "+diagnostic(value))
		}
		slices.SortFunc(parts, func(a, b string) int {
			ka, _, _ := strings.Cut(a, `":`)
			kb, _, _ := strings.Cut(b, `":`)
			if len(ka) != len(kb) {
				return len(ka) - len(kb)
			}
			return strings.Compare(ka, kb)
		})
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// The values that have a type of their own are the ones that abi.cddl describes.
func TestTypedValues(t *testing.T) {
	var v valueVectors
	readJSON(t, "testdata/values.json", &v)
	for _, c := range v.Values {
		in := unhex(t, c.Hex)
		value, _ := cbor.Unmarshal(in)
		switch c.Rule {
		case "failure":
			f, err := abi.ParseGuestFailure(in)
			if err != nil || !bytes.Equal(f.Append(nil), in) {
				t.Errorf("%s: %+v, %v", c.Diagnostic, f, err)
			}
		case "mount-context":
			m := abi.MountContext{Locale: value.(map[string]any)["locale"].(string)}
			if out := m.Append(nil); !bytes.Equal(out, in) {
				t.Errorf("%s: came back as %x", c.Diagnostic, out)
			}
		case "event":
			checkEventValue(t, in, value.([]any))
		}
	}
	for _, c := range v.Refused {
		if c.Rule == "failure" {
			if f, err := abi.ParseGuestFailure(unhex(t, c.Hex)); err == nil || f != (abi.GuestFailure{}) {
				t.Errorf("%s: got %+v, %v", c.About, f, err)
			}
		}
	}
}

// checkEventValue makes the event type that a value could be of, and the value again from its payload.
func checkEventValue(t *testing.T, in []byte, value []any) {
	t.Helper()
	event := new(abi.EventType)
	fields := value[1].([]any)
	var file []byte
	for _, f := range fields {
		kind := abi.KindText
		switch f := f.(type) {
		case bool:
			kind = abi.KindBool
		case int64:
			kind = abi.KindInt
		case float64:
			kind = abi.KindNumber
		case []byte:
			event.Upload, file = true, f
			continue
		}
		event.Fields = append(event.Fields, abi.Field{Kind: kind})
	}
	out, err := abi.EventToGuest(nil, event, uint32(value[0].(int64)), payloadOf(event, fields), file)
	if err != nil || !bytes.Equal(out, in) {
		t.Errorf("%x came back as %x, %v", in, out, err)
	}
}

func TestResult(t *testing.T) {
	for _, c := range []struct {
		ptr, n uint32
		failed bool
		bits   uint64
	}{
		{0, 0, false, 0},
		{1, 2, false, 1<<32 | 2},
		{math.MaxUint32, math.MaxInt32, true, math.MaxUint64},
		{math.MaxUint32, math.MaxInt32, false, math.MaxUint64 &^ (1 << 31)},
	} {
		r := abi.NewResult(c.ptr, c.n, c.failed)
		if uint64(r) != c.bits || r.Pointer() != c.ptr || r.Len() != c.n || r.Failed() != c.failed {
			t.Errorf("%+v: %#x", c, uint64(r))
		}
	}
}

func FuzzParseGuestFailure(f *testing.F) {
	f.Add(abi.GuestFailure{Code: -2, Message: "é"}.Append(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		failure, err := abi.ParseGuestFailure(in)
		if err != nil {
			if failure != (abi.GuestFailure{}) {
				t.Fatal(failure)
			}
			return
		}
		if failure.Code >= 0 || !bytes.Equal(failure.Append(nil), in) {
			t.Fatalf("%+v is not %x", failure, in)
		}
	})
}
