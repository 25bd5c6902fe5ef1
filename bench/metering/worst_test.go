package metering

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

const (
	i32s  = "\x01\x08\x7f"
	f64s  = "\x01\x08\x7c"
	get   = "\x20\x00"
	twice = get + "\x20\x01"
)

// worst are the instructions that take wazero longest: declarations of locals, what comes before
// and what is repeated.
var worst = []struct{ name, locals, before, unit, after string }{
	{"constants", "\x00", "", "\x41\x01\x1a", ""},
	{"additions", i32s, get, "\x20\x01\x6a", "\x1a"},
	{"loads", i32s, "", get + "\x28\x02\x00\x21\x00", ""},
	{"loads_of_constants", "\x00", "", "\x41\x00\x28\x02\x00\x1a", ""},
	{"divisions", i32s, get, "\x20\x01\x6d", "\x1a"},
	{"truncations", f64s, get, "\xaa\xb7", "\x1a"},
	{"calls", "\x00", "", "\x10\x00", ""},
	{"calls_of_8", "\x00", "\x10\x02", "\x10\x01", strings.Repeat("\x1a", 8)},
	{"indirect_calls", "\x00", "", "\x41\x00\x11\x00\x00", ""},
	{"branches", i32s, "", get + "\x0d\x00", ""},
	{"blocks", "\x00", "", "\x02\x40\x0b", ""},
	{"ifs", i32s, "", get + "\x04\x40\x0b", ""},
	{"loops", i32s, "", "\x03\x40" + get + "\x0d\x00\x0b", ""},
	{"selects", "\x02\x08\x7c\x01\x7f", get, "\x20\x01\x20\x08\x1b", "\x1a"},
	{"tables_of_labels", i32s, "", "\x02\x40" + get + "\x0e\x64" + strings.Repeat("\x00", 101) + "\x0b", ""},
	{"fills", i32s, "", twice + "\x20\x02\xfc\x0b\x00", ""},
	{"copies", i32s, "", twice + "\x20\x02\xfc\x0a\x00\x00", ""},
	{"table_reads", i32s, "", get + "\x25\x00\x1a", ""},
	{"table_fills", i32s, "", get + "\xd0\x70" + get + "\xfc\x11\x00", ""},
	{"many_locals", "\x01\xe8\x07\x7f", "", get + "\x0d\x00\x20\x01\x21\x02", ""},
}

// BenchmarkWorst compiles modules of 250 KB with the worst there is of each kind, in functions of three
// sizes, and holds the time against the validator's estimate: "estimated" is how often the time goes into
// it and should be at least about 1. Their sum is what validate.Caps.Work bounds.
func BenchmarkWorst(b *testing.B) {
	for _, s := range worst {
		for _, size := range []struct {
			name  string
			bytes int
		}{{"500B", 500}, {"8KB", 8_000}, {"120KB", 120_000}} {
			b.Run(s.name+"/"+size.name, func(b *testing.B) {
				code := s.locals + s.before + strings.Repeat(s.unit, size.bytes/len(s.unit)) + s.after + "\x0b"
				benchWorst(b, worstModule(250_000/size.bytes, code))
			})
		}
	}
}

// BenchmarkWorstJoins does so for locals that have one of two values wherever ways meet.
func BenchmarkWorstJoins(b *testing.B) {
	for _, locals := range []int{60, 240, 480, 1000} {
		for _, joins := range []int{64, 256, 900} {
			for _, loops := range []int{0, 1, 8} {
				b.Run(fmt.Sprintf("%d_locals/%d_joins/%d_loops", locals, joins, loops), func(b *testing.B) {
					benchWorst(b, worstModule(1, joined(locals, joins, loops)))
				})
			}
		}
	}
}

// joined changes all locals once among branches out of blocks in each other, half of which are taken
// before and half after, so that at each end they are one or the other.
func joined(locals, joins, loops int) string {
	u32 := func(n int) string { return string(wasm.AppendU32(nil, uint32(n))) }
	change, before, after := "", "", ""
	for i := range locals {
		change += "\x20" + u32((i+1)%locals) + "\x21" + u32(i)
	}
	for i := 0; i < joins; i += 2 {
		before += get + "\x0d" + u32(i)
		after += get + "\x0d" + u32(i+1)
	}
	blocks := strings.Repeat("\x02\x40", joins) + before + change + after + strings.Repeat("\x0b", joins)
	return "\x01" + u32(locals) + "\x7f" + strings.Repeat("\x03\x40", loops) + blocks + change +
		strings.Repeat(get+"\x0d\x00\x0b", loops) + "\x0b"
}

func benchWorst(b *testing.B, module []byte) {
	runtime.LockOSThread() // whose time clock tells
	defer runtime.UnlockOSThread()
	m, err := validate.Module(module, nil)
	if err != nil {
		b.Skip(err)
	}
	work := 0
	for i := range m.Code {
		work += m.Code[i].Facts.Work
	}
	r, err := meter.Rewrite(m, nil)
	if err != nil {
		b.Fatal(err)
	}
	ctx, compiled := context.Background(), time.Duration(0)
	for b.Loop() {
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
		began := clock()
		if _, err := rt.CompileModule(ctx, r.Wasm); err != nil {
			b.Fatal(err)
		}
		compiled += clock() - began
		if err := rt.Close(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(work)*float64(b.N)/float64(compiled), "estimated")
	b.ReportMetric(compiled.Seconds()/float64(b.N)/float64(len(module))*1e6, "s/MB")
}

// worstModule has so many functions of that code, and what the code needs.
func worstModule(n int, code string) []byte {
	eight := []wasm.ValueType{wasm.I32, wasm.I32, wasm.I32, wasm.I32, wasm.I32, wasm.I32, wasm.I32, wasm.I32}
	m := &wasm.Module{Start: -1, DataCount: -1,
		Types:    []wasm.FuncType{{}, {Params: eight, Results: eight}, {Results: eight}},
		Memories: []wasm.Limits{{Min: 1}},
		Tables:   []wasm.TableType{{Elem: wasm.FuncRef, Limits: wasm.Limits{Min: 10}}},
		Funcs:    []uint32{0, 1, 2},
		Code: []wasm.Code{{Bytes: []byte("\x00\x0b")},
			{Bytes: []byte("\x00\x20\x00\x20\x01\x20\x02\x20\x03\x20\x04\x20\x05\x20\x06\x20\x07\x0b")},
			{Bytes: []byte("\x00" + strings.Repeat("\x41\x00", 8) + "\x0b")}},
	}
	for range n {
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, wasm.Code{Bytes: []byte(code)})
	}
	return m.Encode()
}
