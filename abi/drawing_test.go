package abi_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleCheckDrawing() {
	var d []byte
	d = abi.AppendRect(d, abi.InkAccent, 0, 40, 20, 60)
	d = abi.AppendLabel(d, abi.InkMuted, 10, 12, 1, "60")
	fmt.Printf("% x, %v\n", d, abi.CheckDrawing(d))

	fmt.Println(abi.CheckDrawing(abi.AppendLine(nil, 99, 0, 0, 5, 5)))
	// Output:
	// 01 02 00 50 28 78 03 01 14 18 02 02 36 30, <nil>
	// abi: malformed: offset 2: there is no ink 99
}

func TestCheckDrawing(t *testing.T) {
	line := func(coords ...int) []byte { return abi.AppendLine(nil, 0, coords[0], coords[1], coords[2], coords[3]) }
	for _, c := range []struct {
		name string
		in   []byte
		want string // "" for one that is right
	}{
		{"empty", nil, ""},
		{"corners", line(math.MinInt16, math.MaxInt16, math.MaxInt16, math.MinInt16), ""},
		{"every ink", bytes.Join([][]byte{abi.AppendRect(nil, abi.InkDefault, 0, 0, 0, 0), abi.AppendRect(nil, abi.InkFaint, 0, 0, 0, 0)}, nil), ""},
		{"every anchor", abi.AppendLabel(abi.AppendLabel(nil, 0, 0, 0, 0, ""), 0, 0, 0, 2, "é"), ""},
		{"longest text", abi.AppendLabel(nil, 0, 0, 0, 0, strings.Repeat("x", 256)), ""},
		{"most ops", bytes.Repeat(line(0, 0, 0, 0), 8192), ""},
		{"text too long", abi.AppendLabel(nil, 0, 0, 0, 0, strings.Repeat("x", 257)), "length of text 257 is above 256"},
		{"text not UTF-8", abi.AppendLabel(nil, 0, 0, 0, 0, "\xff"), "text is not valid UTF-8"},
		{"too many ops", bytes.Repeat(line(0, 0, 0, 0), 8193), "a drawing of more than 8192 ops"},
		{"op 0", []byte{0, 0}, "there is no drawing op 0"},
		{"op 4", []byte{4, 0, 0, 0, 0, 0}, "there is no drawing op 4"},
		{"ink 7", []byte{1, 7, 0, 0, 0, 0}, "there is no ink 7"},
		{"left of all", line(math.MinInt16-1, 0, 0, 0), "coordinate -32769 is out of range"},
		{"right of all", line(0, 0, 0, math.MaxInt16+1), "coordinate 32768 is out of range"},
		{"far away", line(math.MinInt64, 0, 0, 0), "coordinate -9223372036854775808 is out of range"},
		{"anchor 3", abi.AppendLabel(nil, 0, 0, 0, 3, ""), "there is no anchor 3"},
		{"anchor -1", abi.AppendLabel(nil, 0, 0, 0, -1, ""), "there is no anchor -1"},
		{"not shortest", []byte{1, 0, 0x80, 0, 0, 0, 0}, "not in its shortest form"},
		{"op alone", []byte{1}, "the bytes end here"},
		{"text cut", []byte{3, 0, 0, 0, 0, 5, 'a'}, "5 bytes announced, 1 are left"},
	} {
		err := abi.CheckDrawing(c.in)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, abi.ErrMalformed) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// draw writes the drawing that it reads, as a page would: what CheckDrawing accepts has one form.
func draw(b []byte) (out []byte) {
	next := func() int {
		var u uint64
		for shift := 0; ; shift += 7 {
			c := b[0]
			b = b[1:]
			u |= uint64(c&0x7f) << shift
			if c < 0x80 {
				return int(int64(u>>1) ^ -int64(u&1))
			}
		}
	}
	for len(b) > 0 {
		op, ink := abi.DrawOp(b[0]), abi.Ink(b[1])
		b = b[2:]
		switch op {
		case abi.DrawRect:
			out = abi.AppendRect(out, ink, next(), next(), next(), next())
		case abi.DrawLine:
			out = abi.AppendLine(out, ink, next(), next(), next(), next())
		case abi.DrawText:
			x, y, anchor := next(), next(), next()
			n := int(b[0])
			b = b[1:]
			if n >= 0x80 {
				n += int(b[0])<<7 - 0x80
				b = b[1:]
			}
			out = abi.AppendLabel(out, ink, x, y, anchor, string(b[:n]))
			b = b[n:]
		}
	}
	return out
}

func FuzzCheckDrawing(f *testing.F) {
	f.Add(abi.AppendLabel(abi.AppendLine(abi.AppendRect(nil, 1, 2, 3, 4, 5), 6, -7, 8, -9, 10), 0, 1, 2, 1, strings.Repeat("é", 100)))
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := abi.CheckDrawing(in); err != nil {
			if !errors.Is(err, abi.ErrMalformed) || len(err.Error()) > 200 {
				t.Fatal(err)
			}
			return
		}
		if out := draw(in); !bytes.Equal(out, in) {
			t.Fatalf("%x came back as %x", in, out)
		}
	})
}
