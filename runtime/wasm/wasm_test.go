package wasm_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

func ExampleDecode() {
	_, err := wasm.Decode([]byte("\x00asm\x01\x00\x00\x00\x01\x03\xff\xff\x03"))
	fmt.Println(err)
	// Output: wasm: offset 10: 65535 types do not fit into the 0 bytes left: unexpected end
}

func ExampleNewReader() {
	// What stands at offset 100 of a module: 624485, and a name that is cut off.
	r := wasm.NewReader([]byte("\xe5\x8e\x26\x05wa"), 100)
	fmt.Println(r.U32(), r.Err())
	fmt.Println(r.Name() == "", r.Err())
	// Output:
	// 624485 <nil>
	// true wasm: offset 104: 5 bytes wanted, 2 left: unexpected end
}

func ExampleParseNames() {
	names := wasm.ParseNames([]byte("\x01\x0b\x02" + "\x00\x03fib" + "\x02\x03a\x1bb"))
	for _, f := range names.Funcs {
		fmt.Println(f.Index, f.Name)
	}
	// Output:
	// 0 fib
	// 2 a\u{1b}b
}

func TestReaderNumbers(t *testing.T) {
	tests := []struct {
		name  string
		bytes string
		read  func(*wasm.Reader) int64
		want  int64
		err   string
	}{
		{"u32 one byte", "\x7f", u32, 127, ""},
		{"u32 largest", "\xff\xff\xff\xff\x0f", u32, 1<<32 - 1, ""},
		{"u32 padded", "\x80\x80\x80\x80\x00", u32, 0, ""},
		{"u32 too large", "\xff\xff\xff\xff\x1f", u32, 0, "too large"},
		{"u32 too long", "\x80\x80\x80\x80\x80\x00", u32, 0, "too long"},
		{"u32 cut", "\x80", u32, 0, "unexpected end"},
		{"s32 minus one", "\x7f", s32, -1, ""},
		{"s32 smallest", "\x80\x80\x80\x80\x78", s32, -1 << 31, ""},
		{"s32 padded minus one", "\xff\xff\xff\xff\x7f", s32, -1, ""},
		{"s32 too large", "\xff\xff\xff\xff\x0f", s32, 0, "too large"},
		{"s32 63", "\x3f", s32, 63, ""},
		{"s32 -64", "\x40", s32, -64, ""},
		{"s32 two bytes negative", "\x80\x7f", s32, -128, ""},
		{"s33 largest", "\xff\xff\xff\xff\x0f", s33, 1<<32 - 1, ""},
		{"s33 smallest", "\x80\x80\x80\x80\x70", s33, -1 << 32, ""},
		{"s64 smallest", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", s64, -1 << 63, ""},
		{"s64 largest", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", s64, 1<<63 - 1, ""},
		{"s64 too large", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", s64, 0, "too large"},
		{"s64 too long", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", s64, 0, "too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := wasm.NewReader([]byte(tt.bytes), 0)
			got := tt.read(r)
			if tt.err != "" {
				if r.Err() == nil || !strings.Contains(r.Err().Error(), tt.err) {
					t.Fatalf("got %d, %v; want an error with %q", got, r.Err(), tt.err)
				}
				return
			}
			if r.Err() != nil || got != tt.want || r.Len() != 0 {
				t.Fatalf("got %d, %v, %d left; want %d", got, r.Err(), r.Len(), tt.want)
			}
		})
	}
}

func u32(r *wasm.Reader) int64 { return int64(r.U32()) }
func s32(r *wasm.Reader) int64 { return int64(r.S32()) }
func s33(r *wasm.Reader) int64 { return r.S33() }
func s64(r *wasm.Reader) int64 { return r.S64() }

func TestAppendS64(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 1 << 31, -1 << 31, 1<<63 - 1, -1 << 63} {
		r := wasm.NewReader(wasm.AppendS64(nil, v), 0)
		if got := r.S64(); got != v || r.Err() != nil || r.Len() != 0 {
			t.Errorf("%d came back as %d, %v", v, got, r.Err())
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const p = wasm.Preamble
	tests := []struct{ name, bytes, err string }{
		{"empty", "", "offset 0: magic header"},
		{"text", "(module)", "offset 0: magic header"},
		{"component", "\x00asm\x0d\x00\x01\x00", "offset 4: unknown binary version"},
		{"unknown section", p + "\x0d\x00", "offset 8: malformed section id: 13"},
		{"section twice", p + "\x01\x01\x00\x01\x01\x00", "offset 11: unexpected content after last section"},
		{"out of order", p + "\x03\x01\x00\x01\x01\x00", "out of order"},
		{"longer than the file", p + "\x01\x7f", "unexpected end"},
		{"count believed", p + "\x01\x05\xff\xff\xff\xff\x0f", "4294967295 types do not fit"},
		{"rubbish at a section's end", p + "\x01\x02\x00\x00", "section size mismatch"},
		{"bodies missing", p + "\x03\x02\x01\x00", "inconsistent lengths"},
		{"shared memory", p + "\x05\x04\x01\x03\x01\x01", "offset 11: malformed limits flags 0x03"},
		{"name not UTF-8", p + "\x00\x02\x01\xff", "malformed UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := wasm.Decode([]byte(tt.bytes))
			var e *wasm.Error
			if m != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("got %v, want %q", err, tt.err)
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	n := 0
	wasmtest.Modules(t, 1, func(name string, b []byte) {
		m, err := wasm.Decode(b)
		if err != nil {
			return
		}
		n++
		roundTrip(t, name, m)
	})
	if n < 4000 {
		t.Errorf("only %d modules were read", n)
	}
}

func roundTrip(t testing.TB, name string, m *wasm.Module) {
	first := m.Encode()
	again, err := wasm.Decode(first)
	if err != nil {
		t.Errorf("%s: what was written cannot be read: %v", name, err)
		return
	}
	if second := again.Encode(); !bytes.Equal(first, second) {
		t.Errorf("%s: written twice, not the same", name)
	}
	if len(again.Funcs) != len(m.Funcs) || !reflect.DeepEqual(again.Types, m.Types) || again.Start != m.Start {
		t.Errorf("%s: the module changed", name)
	}
}

func TestNames(t *testing.T) {
	in := wasm.Names{Module: "a\x1b[31mb", Funcs: []wasm.FuncName{{1, "ok"}, {5, "line\nbreak"}, {9, strings.Repeat("ü", 500)}}}
	got := wasm.ParseNames(in.Encode())
	if got.Module != `a\u{1b}[31mb` || len(got.Funcs) != 3 || got.Funcs[0].Name != "ok" || got.Funcs[1].Name != `line\u{a}break` {
		t.Errorf("got %+v", got)
	}
	if n := len(got.Funcs[2].Name); n != wasm.MaxName {
		t.Errorf("a long name has %d bytes", n)
	}
	if again := wasm.ParseNames(got.Encode()); !reflect.DeepEqual(again, got) {
		t.Errorf("names changed: %+v", again)
	}
}

func FuzzDecode(f *testing.F) {
	wasmtest.Modules(f, 97, func(_ string, b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wasm.Decode(b)
		if err != nil {
			if m != nil || len(err.Error()) > 400 {
				t.Fatalf("an error and a module, or a long error: %v", err)
			}
			return
		}
		roundTrip(t, "input", m)
		for _, c := range m.Customs {
			wasm.ParseNames(c.Bytes)
		}
		var in wasm.Instr
		for _, c := range m.Code {
			for r := wasm.NewReader(c.Bytes, c.Offset); r.Len() > 0; {
				r.Instr(&in)
			}
		}
	})
}
