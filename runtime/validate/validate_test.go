package validate_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

// manyLocals is a module of 30 bytes that declare 2^32-1 locals.
const manyLocals = wasm.Preamble + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a\x0a\x01\x08\x01\xff\xff\xff\xff\x0f\x7f\x0b"

// manyTypes is 14 bytes that declare 2^32-1 types.
const manyTypes = wasm.Preamble + "\x01\x05\xff\xff\xff\xff"

func ExampleModule() {
	_, err := validate.Module([]byte(manyLocals), nil)
	fmt.Println(err)
	// Output: wasm: offset 23: 4294967295 locals in func[0], at most 20000 (too many locals)
}

// TestSpecSuite holds the validator against the specification's own verdicts.
func TestSpecSuite(t *testing.T) {
	checked := map[string]int{}
	for _, s := range wasmtest.Scripts(t) {
		for i := range s.Commands {
			c := &s.Commands[i]
			if c.Filename == "" || c.ModuleType == "text" {
				continue
			}
			refuse := c.Type == "assert_invalid" || c.Type == "assert_malformed"
			if refuse && strings.HasPrefix(s.Name, "v1/") {
				continue // some of it is valid since
			}
			_, err := validate.Module(s.Read(t, c), nil)
			if (err != nil) != refuse {
				t.Errorf("%s:%d: %s %q: got %v", s.Name, c.Line, c.Type, c.Text, err)
			}
			checked[c.Type]++
		}
	}
	t.Logf("%v", checked)
	if checked["module"] < 1500 || checked["assert_invalid"] < 1000 || checked["assert_malformed"] < 100 {
		t.Errorf("only %v were there", checked)
	}
}

// TestBombsAreCheap holds the promise that refusing costs under a millisecond
// and a megabyte, whatever a small module declares.
func TestBombsAreCheap(t *testing.T) {
	if len(manyLocals) > 31 || len(manyTypes) != 14 {
		t.Fatalf("%d and %d bytes", len(manyLocals), len(manyTypes))
	}
	const p = wasm.Preamble
	tests := []struct{ name, bytes, err string }{
		{"locals", manyLocals, "locals in func[0]"},
		{"types", manyTypes, "unexpected end"},
		{"functions", p + "\x03\x05\xff\xff\xff\xff\x0f", "functions do not fit"},
		{"table minimum", p + "\x04\x08\x01\x70\x00\xff\xff\xff\xff\x0f", "a table of at least 4294967295 elements"},
		{"memory minimum", p + "\x05\x07\x01\x00\xff\xff\xff\xff\x0f", "memory size must be at most 65536 pages"},
		{"labels", body("\x41\x00\x0e\xff\xff\xff\xff\x0f\x00"), "labels do not fit"},
		{"section", p + "\x0a\xff\xff\xff\xff\x0f", "unexpected end"},
		{"data", p + "\x05\x03\x01\x00\x01\x0b\x0a\x01\x00\x41\x00\x0b\xff\xff\xff\xff\x0f", "unexpected end"},
		{"custom name", p + "\x00\x05\xff\xff\xff\xff\x0f", "unexpected end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			best := time.Hour
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 5 {
				start := time.Now()
				_, err := validate.Module([]byte(tt.bytes), nil)
				best = min(best, time.Since(start))
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got %v, want %q", err, tt.err)
				}
			}
			runtime.ReadMemStats(&after)
			if got := (after.TotalAlloc - before.TotalAlloc) / 5; best > 100*time.Millisecond || got > 1<<20 {
				t.Errorf("took %v and %d bytes", best, got)
			}
		})
	}
}

// body is a module with one memory and one function without parameters and results.
func body(instructions string) string {
	code := "\x00" + instructions + "\x0b"
	code = string(wasm.AppendName(nil, code))
	return wasm.Preamble + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x05\x03\x01\x00\x01" +
		"\x0a" + string(wasm.AppendName(nil, "\x01"+code))
}

func TestCaps(t *testing.T) {
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	tests := []struct {
		name, bytes string
		caps        validate.Caps
		err         string
	}{
		{"fine", body("\x01"), validate.Caps{}, ""},
		{"module", body("\x01"), validate.Caps{ModuleBytes: 20}, "bytes, at most 20"},
		{"body", body(many(100, "\x01")), validate.Caps{BodyBytes: 100}, "bytes in the body of func[0], at most 100"},
		{"nesting", body(many(50, "\x02\x40") + many(50, "\x0b")), validate.Caps{Nesting: 50}, "nested more than 50 deep"},
		{"nesting allowed", body(many(49, "\x02\x40") + many(49, "\x0b")), validate.Caps{Nesting: 50}, ""},
		{"labels", body("\x41\x00\x0e\x03\x00\x00\x00\x00"), validate.Caps{Labels: 2}, "3 labels of a br_table, at most 2"},
		{"blocks", body(many(60, "\x41\x00\x0d\x00")), validate.Caps{Blocks: 50}, "blocks in one function"},
		{"blocks squared", body(many(60, "\x41\x00\x0d\x00")), validate.Caps{BlockSquare: 3000, SquareByte: 1}, "blocks squared"},
		{"loops", body(many(60, "\x03\x40\x0b")), validate.Caps{Loops: 50}, "loops in one function"},
		{"loops squared", body(many(60, "\x03\x40\x0b")), validate.Caps{LoopSquare: 3000}, "loops squared"},
		{"loops in loops", body(many(65, "\x03\x40") + many(65, "\x0b")), validate.Caps{}, "65 loops in each other, at most 64"},
		{"moves", body(many(60, "\x41\x00\x0d\x00")), validate.Caps{Moves: 50}, "values moved"},
		{"work", body(many(1_000, "\x41\x00\x28\x02\x00\x1a")), validate.Caps{Work: 3}, "4 milliseconds for an engine"},
		{"memory", body(""), validate.Caps{MemoryPages: 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := validate.Module([]byte(tt.bytes), &tt.caps)
			if tt.err == "" && err == nil {
				if l := m.Memories[0]; !l.HasMax || l.Max != max(tt.caps.MemoryPages, 1) && l.Max != 65536 {
					t.Errorf("memory is %+v", l)
				}
				return
			}
			var e *wasm.Error
			if err == nil || tt.err == "" || !errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("got %v, want %q", err, tt.err)
			}
		})
	}
}

// TestWorstCompiles has the modules that an engine compiled longest for their size before there
// was a cap for each: a second to eight for 30 to 500 KB.
func TestWorstCompiles(t *testing.T) {
	const (
		load   = "\x41\x00\x28\x02\x00" // a number that is no constant
		never  = load + "\x0d\x00"
		fill   = "\x41\x00\x41\x01\x41\xff\xff\x03\xfc\x0b\x00"
		choose = "\x41\x00\x2b\x03\x00\x41\x08\x2b\x03\x00" + load + "\x1b\x1a" // f64
		call   = "\x10\x00"
		table  = "\x02\x40" + load + "\x0e"
	)
	many := strings.Repeat
	locals := func(n uint32, code string) string { return string(wasm.AppendU32([]byte{1}, n)) + "\x7f" + code }
	again := "\x20\x00\x0d\x00" // a branch back
	rotate := ""
	for i := range uint32(479) {
		rotate += "\x20" + string(wasm.AppendU32(nil, i+1)) + "\x21" + string(wasm.AppendU32(nil, i))
	}
	tests := []struct {
		name  string
		funcs int
		code  string // declarations of locals and instructions
		err   string
	}{
		{"a long body", 1, "\x00" + many(load+"\x1a", 100_000), "bytes in the body of func[0]"},
		{"many operands", 1, "\x00" + many(load, 1_001) + many("\x1a", 1_001), "1001 operands at a time"},
		{"branches", 1, "\x00" + many(never, 4_000), "blocks in one function"},
		{"fills", 1, "\x00" + many(fill, 1_000), "blocks in one function"},
		{"selects of floats", 1, "\x00" + many(choose, 2_000), "blocks in one function"},
		{"branches in several functions", 2, "\x00" + many(never, 3_900), "blocks squared in all functions"},
		{"branches in many functions", 30, "\x00" + many(never, 990), "blocks squared in all functions"},
		{"a long table", 1, "\x00" + table + "\xb1\xea\x01" + many("\x00", 30_002) + "\x0b", "30001 labels of a br_table"},
		{"tables", 1, "\x00" + many(table+"\xe7\x07"+many("\x00", 1_000)+"\x0b", 31), "labels of the br_tables of one function"},
		{"tables in many functions", 51, "\x00" + many(table+"\xe7\x07"+many("\x00", 1_000)+"\x0b", 20), "labels of all br_tables"},
		{"calls", 3, "\x00" + many(call, 200_000), "600000 calls in all functions"},
		{"loads in many functions", 16, "\x00" + many(load+"\x1a", 70_000), "milliseconds for an engine to compile all functions"},
		{"calls past locals", 1, locals(5_001, many(call, 2_000)), "calls times locals in one function"},
		{"calls past locals everywhere", 11, locals(5_000, many(call, 2_000)), "calls times locals in all functions"},
		{"locals that change in loops in loops", 2, locals(480, many("\x03\x40", 60)+rotate+many(again+"\x0b", 60)), "milliseconds for an engine"},
		{"locals past branches back", 5, locals(480, "\x03\x40"+rotate+many(again, 1_000)+"\x0b"), "milliseconds for an engine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &wasm.Module{Start: -1, DataCount: -1, Types: []wasm.FuncType{{}}, Memories: []wasm.Limits{{Min: 1}}}
			for range tt.funcs {
				m.Funcs = append(m.Funcs, 0)
				m.Code = append(m.Code, wasm.Code{Bytes: []byte(tt.code + "\x0b")})
			}
			if _, err := validate.Module(m.Encode(), nil); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}

func TestStripsCustomSections(t *testing.T) {
	b := []byte(body(""))
	for _, name := range []string{".debug_info", "producers", "vitrine.manifest", "name", "name"} {
		b = wasm.AppendName(append(b, 0), string(wasm.AppendName(nil, name))+"\x00\x02\x01\n")
	}
	m, err := validate.Module(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Customs) != 2 || m.Customs[0].Name != "vitrine.manifest" || m.Customs[1].Name != "name" {
		t.Fatalf("kept %+v", m.Customs)
	}
	if n := wasm.ParseNames(m.Customs[1].Bytes); n.Module != `\u{a}` {
		t.Errorf("the module's name is %q", n.Module)
	}
}

func FuzzModule(f *testing.F) {
	f.Add([]byte(manyLocals))
	wasmtest.Modules(f, 61, func(_ string, b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := validate.Module(b, nil)
		if err != nil {
			if msg := err.Error(); m != nil || len(msg) > 600 || strings.ContainsAny(msg, "\n\r\x1b") {
				t.Fatalf("a module and an error, or one that is not one line: %q", msg)
			}
			return
		}
		if _, err := validate.Module(m.Encode(), nil); err != nil {
			t.Fatalf("valid, but not after encoding: %v", err)
		}
	})
}

func BenchmarkModule(b *testing.B) {
	in := []byte(body(strings.Repeat("\x20\x00\x20\x01\x6a\x21\x00", 0) + strings.Repeat("\x02\x40\x41\x07\x41\x80\x08\x6a\x45\x0d\x00\x0b", 100_000)))
	b.SetBytes(int64(len(in)))
	caps := &validate.Caps{Moves: 1 << 30, Blocks: 1 << 30, BlockSquare: 1 << 62}
	for b.Loop() {
		if _, err := validate.Module(in, caps); err != nil {
			b.Fatal(err)
		}
	}
}
