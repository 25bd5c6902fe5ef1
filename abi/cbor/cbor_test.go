package cbor_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	peer "github.com/fxamacker/cbor/v2"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

func ExampleMarshal() {
	b, _ := cbor.Marshal(map[string]any{"zoom": 1.5, "at": []any{-1, 24}})
	fmt.Printf("%x\n", b)
	v, _ := cbor.Unmarshal(b)
	fmt.Println(v)
	// Output:
	// a262617482201818647a6f6f6df93e00
	// map[at:[-1 24] zoom:1.5]
}

func ExampleNewReader() {
	b, _ := cbor.Marshal(map[string]any{"zoom": 2, "name": "desk"})
	r := cbor.NewReader(b)
	for range r.Map() {
		if key := r.Text(); string(key) == "zoom" {
			fmt.Println("zoom", r.Int())
		} else {
			r.Skip()
		}
	}
	fmt.Println(r.End())
	// Output:
	// zoom 2
	// <nil>
}

// The values of RFC 8949 appendix A that are in the deterministic subset.
var vectors = []struct {
	hex   string
	value any
}{
	{"00", int64(0)}, {"17", int64(23)}, {"1818", int64(24)}, {"1903e8", int64(1000)},
	{"1a000f4240", int64(1000000)}, {"1b000000e8d4a51000", int64(1000000000000)},
	{"1bffffffffffffffff", uint64(math.MaxUint64)},
	{"20", int64(-1)}, {"3903e7", int64(-1000)}, {"3b7fffffffffffffff", int64(math.MinInt64)},
	{"f90000", 0.0}, {"f98000", math.Copysign(0, -1)}, {"f93c00", 1.0}, {"fb3ff199999999999a", 1.1},
	{"f97bff", 65504.0}, {"fa47c35000", 100000.0}, {"fa7f7fffff", math.MaxFloat32},
	{"fb7e37e43c8800759c", 1.0e+300}, {"f90001", 5.960464477539063e-8}, {"f90400", 0.00006103515625},
	{"f9c400", -4.0}, {"f97c00", math.Inf(1)}, {"f9fc00", math.Inf(-1)},
	{"f4", false}, {"f5", true}, {"f6", nil},
	{"40", []byte{}}, {"4401020304", []byte{1, 2, 3, 4}},
	{"60", ""}, {"6449455446", "IETF"}, {"62c3bc", "ü"}, {"64f0908591", "𐅑"},
	{"80", []any{}}, {"83010203", []any{int64(1), int64(2), int64(3)}},
	{"a0", map[string]any{}},
	{"a26161016162820203", map[string]any{"a": int64(1), "b": []any{int64(2), int64(3)}}},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		in, _ := hex.DecodeString(v.hex)
		got, err := cbor.Unmarshal(in)
		if err != nil || !reflect.DeepEqual(got, v.value) {
			t.Errorf("%s: got %#v, %v, want %#v", v.hex, got, err, v.value)
		}
		out, err := cbor.Marshal(v.value)
		if err != nil || !bytes.Equal(out, in) {
			t.Errorf("%#v: got %x, %v, want %s", v.value, out, err, v.hex)
		}
	}
}

func TestNaNHasOneForm(t *testing.T) {
	b := cbor.AppendFloat(nil, math.Float64frombits(0x7ff0000000000001))
	if got := hex.EncodeToString(b); got != "f97e00" {
		t.Errorf("NaN is %s, want f97e00", got)
	}
	if cbor.Valid([]byte{0xf9, 0x7e, 0x01}) == nil {
		t.Error("another NaN was accepted")
	}
}

func TestRefused(t *testing.T) {
	for name, in := range map[string]string{
		"empty":                  "",
		"two items":              "0000",
		"number too long":        "1801",
		"number cut off":         "19ff",
		"64-bit form of 32 bits": "1b00000000ffffffff",
		"negative out of range":  "3bffffffffffffffff",
		"indefinite array":       "9f01ff",
		"indefinite text":        "7f6161ff",
		"reserved length":        "1c",
		"text not UTF-8":         "61ff",
		"text cut off":           "6261",
		"surrogate":              "63eda080",
		"float too wide":         "fa3f800000",
		"float cut off":          "fb3ff1",
		"tag":                    "c000",
		"undefined":              "f7",
		"key not text":           "a10102",
		"keys out of order":      "a2616201616102",
		"doubled key":            "a2616101616102",
		"longer key first":       "a262616101616202",
		"a billion items":        "9a3b9aca00",
		"a billion pairs":        "ba3b9aca00",
		"bytes past the end":     "5affffffff00",
	} {
		b, _ := hex.DecodeString(in)
		v, err := cbor.Unmarshal(b)
		if !errors.Is(err, cbor.ErrSyntax) || v != nil {
			t.Errorf("%s: got %v, %v, want ErrSyntax and no value", name, v, err)
		}
		if cbor.Valid(b) == nil {
			t.Errorf("%s: Valid says yes", name)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	deep := func(n int) []byte { return append(bytes.Repeat([]byte{0x81}, n), 0) }
	if _, err := cbor.Unmarshal(deep(cbor.MaxDepth)); err != nil {
		t.Errorf("depth %d: %v", cbor.MaxDepth, err)
	}
	if _, err := cbor.Unmarshal(deep(cbor.MaxDepth + 1)); err == nil {
		t.Error("one deeper was accepted")
	}
	var nested any
	for range cbor.MaxDepth + 1 {
		nested = []any{nested}
	}
	if _, err := cbor.Marshal(nested); err == nil {
		t.Error("one deeper was written")
	}
}

func TestNestedCountsDoNotMultiply(t *testing.T) {
	// 60 arrays inside each other, each of which claims as many items as there are bytes left.
	in := bytes.Repeat([]byte{0x9a, 0, 1, 0, 0}, 60)
	in = append(in, make([]byte, 1<<16)...)
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = cbor.Unmarshal(in)
		}
	}).AllocedBytesPerOp()
	if allocated > 8<<20 {
		t.Errorf("%d bytes allocated for %d bytes of input", allocated, len(in))
	}
}

func TestMarshalRefuses(t *testing.T) {
	for _, v := range []any{struct{}{}, "\xff", map[string]any{"\xff": 1}, []any{make(chan int)}} {
		b, err := cbor.Append([]byte{1}, v)
		if err == nil || len(b) != 1 {
			t.Errorf("%T: got %x, %v", v, b, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, v := range vectors {
		b, _ := hex.DecodeString(v.hex)
		f.Add(b)
	}
	strict, err := peer.DecOptions{DupMapKey: peer.DupMapKeyEnforcedAPF, IndefLength: peer.IndefLengthForbidden, MaxNestedLevels: cbor.MaxDepth + 2}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	core, err := peer.CoreDetEncOptions().EncMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := cbor.Unmarshal(in)
		if (err == nil) != (cbor.Valid(in) == nil) {
			t.Fatalf("Unmarshal says %v, Valid %v", err, cbor.Valid(in))
		}
		if err != nil {
			return
		}
		out, err := cbor.Marshal(v)
		if err != nil || !bytes.Equal(out, in) {
			t.Fatalf("%x came back as %x, %v", in, out, err)
		}
		var same any
		if err := strict.Unmarshal(in, &same); err != nil {
			t.Fatalf("the other library refuses %x: %v", in, err)
		}
		if theirs, err := core.Marshal(v); err != nil || !bytes.Equal(theirs, in) {
			t.Fatalf("the other library writes %x, %v", theirs, err)
		}
	})
}
