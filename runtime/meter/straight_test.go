package meter_test

import (
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// program is a module with a memory of 1 MiB whose function "run" is the first of bodies.
func program(bodies ...string) []byte {
	m := &wasm.Module{Start: -1, Types: []wasm.FuncType{{}},
		Memories: []wasm.Limits{{Min: 16}},
		Exports:  []wasm.Export{{Name: "run", Kind: wasm.KindFunc}}}
	for _, b := range bodies {
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, wasm.Code{Bytes: []byte("\x00" + b + "\x0b")})
	}
	return m.Encode()
}

// tree is a program whose functions call the next one 16 times each, four levels of them, and the last does some work. What a
// function does is put into way.
func tree(way func(work string) string) []byte {
	const levels, fan = 4, 16
	bodies := []string{"\x10\x01"}
	for i := range levels {
		bodies = append(bodies, way(strings.Repeat("\x10"+string(rune(i+2)), fan)))
	}
	bodies = append(bodies, way(strings.Repeat("\x41\x01\x1a", 90)))
	again := "\x10" + string(rune(len(bodies))) // it calls itself, if ever it is called
	return program(append(bodies, again)...)
}

// TestStraightCodeComesOut runs code without loops that does much: what a guest is charged for
// before it comes out must not depend on how long its functions are.
func TestStraightCodeComesOut(t *testing.T) {
	const (
		fill  = "\x41\x00\x41\x01\x41\xff\xff\x03\xfc\x0b\x00" // 65,535 bytes at 0
		never = "\x41\x00\x0d\x00"                             // br_if 0, which does not
		call  = "\x10\x01"
		block = "\x02\x40"
		end   = "\x0b"
	)
	many := strings.Repeat
	for _, c := range []struct {
		name   string
		module []byte
	}{
		{"fills", program(many(fill, 900))},
		{"fills between branches", program(block + many(fill+never, 700) + end)},
		{"fills in blocks", program(many(block+never+fill+end, 600))},
		{"fills in ifs", program(many("\x41\x01\x04\x40"+many(fill, 9)+"\x05"+end, 90))},
		{"fills in elses", program(many("\x41\x00\x04\x40\x05"+many(fill, 9)+end, 90))},
		{"fills skipped over", program(many(block+"\x41\x01\x0d\x00"+many(fill, 20)+end+many(fill, 3), 40))},
		{"calls of what a branch makes dear", program(many(call, 200), block+never+many(fill, 9)+end)},
		{"calls of what a loop hides", program(many(call, 200), "\x03\x40"+end+many(fill, 9))},
		{"additions", program(many("\x41\x01\x41\x01\x6a\x1a", 50_000))},
		{"additions in a loop", program("\x03\x40" + many("\x41\x01\x41\x01\x6a\x1a", 50_000) + "\x0c\x00" + end)},
		{"a tree of ifs", tree(func(work string) string { return "\x41\x01\x04\x40" + work + end })},
		{"a tree of elses", tree(func(work string) string { return "\x41\x00\x04\x40\x05" + work + end })},
		{"a tree of branches", tree(func(work string) string { return block + never + work + end })},
		{"a tree of tables", tree(func(work string) string { return block + block + "\x41\x01\x0e\x01\x01\x00" + end + work + end })},
		{"a tree behind loops that are left at once", tree(func(work string) string {
			return block + "\x03\x40\x41\x01\x0d\x01\x10\x06\x0c\x00" + end + end + work
		})},
		{"a tree behind loops that end", tree(func(work string) string { return "\x03\x40" + end + work })},
		{"divisions after a table", program(block + "\x41\x00\x0e\x00\x00" + end + many("\x41\x01\x41\x01\x6e\x1a", 50_000))},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := rewrite(c.module)
			if err != nil {
				t.Fatal(err)
			}
			b := &bank{slice: 1_000, budget: 10_000_000, depth: 100}
			if got := explode(t, r, false, b); got != "" && got != "fuel" {
				t.Fatal(got)
			}
			if b.charged > b.slice+mostLong {
				t.Errorf("was charged %d with slices of %d", b.charged, b.slice)
			}
			if b.calls < 9 {
				t.Errorf("came out %d times and used %d", b.calls, b.spent)
			}
		})
	}
}

// TestReturnsComeOut ends a guest's budget while many calls that are open return, each of which still has much to do: it
// must end there, not when all have returned, nor while they are made.
func TestReturnsComeOut(t *testing.T) {
	const depth, work = 90, 15_000                                       // calls; what each does after the next has returned
	const open = "\x41\x00\x41\x00\x28\x02\x00\x41\x01\x6a\x36\x02\x00"  // i32.store 0 (i32.load 0 + 1)
	const done = "\x41\x04\x41\x04\x28\x02\x00\x41\x01\x6a\x36\x02\x00"  // the same at 4
	deeper := "\x41\x00\x28\x02\x00\x41\xda\x00\x49\x04\x40\x10\x00\x0b" // if load 0 < 90 { call 0 }
	r, err := rewrite(program(open + deeper + strings.Repeat("\x41\x01\x41\x01\x6a\x1a", work/4) + done))
	if err != nil {
		t.Fatal(err)
	}
	b := &bank{slice: 1_000, budget: depth * work / 2, depth: 100}
	mod, err := newHost(t, false, b).load("", r.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(mod, "run", nil); got != "fuel" {
		t.Fatalf("it ended by %q", got)
	}
	opened, _ := mod.Memory().ReadUint32Le(0)
	returned, _ := mod.Memory().ReadUint32Le(4)
	if opened != depth || returned < depth/3 || returned > depth*2/3 {
		t.Errorf("%d calls were made and %d have returned, when half of the budget was used", opened, returned)
	}
}

// TestReferencesComeOut calls a small function through a reference, time and again without a loop: who calls is charged for what
// runs, of whichever function of the type, and comes out as often as anybody. One that is exported as well is charged for
// by itself, for a host pays nothing.
func TestReferencesComeOut(t *testing.T) {
	const calls, adds = 2_000, 5 // of 4 units each
	small := strings.Repeat("\x41\x01\x41\x01\x6a\x1a", adds)
	for _, c := range []struct {
		name     string
		run      string
		exported bool
		unit     int64 // what a call costs at least
	}{
		{"the dearest", "\x41\x00\x11\x00\x00", false, 10 + 4*adds},
		{"a cheaper one", "\x41\x01\x11\x00\x00", false, 10 + 4*adds},
		{"exported", "\x41\x00\x11\x00\x00", true, 10 + 4*adds},
		{"directly", "\x10\x01", false, 6 + 4*adds},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &wasm.Module{Start: -1, Types: []wasm.FuncType{{}}, Funcs: []uint32{0, 0, 0},
				Tables:  []wasm.TableType{{Elem: wasm.FuncRef, Limits: wasm.Limits{Min: 2}}},
				Elems:   []wasm.Elem{{Type: wasm.FuncRef, At: wasm.Expr{Bytes: []byte("\x41\x00\x0b")}, Funcs: []uint32{1, 2}}},
				Exports: []wasm.Export{{Name: "run", Kind: wasm.KindFunc}},
				Code:    []wasm.Code{{Bytes: []byte("\x00" + strings.Repeat(c.run, calls) + "\x0b")}, {Bytes: []byte("\x00" + small + "\x0b")}, {Bytes: []byte("\x00\x0b")}}}
			if c.exported {
				m.Exports = append(m.Exports, wasm.Export{Name: "small", Kind: wasm.KindFunc, Index: 1})
			}
			r, err := rewrite(m.Encode())
			if err != nil {
				t.Fatal(err)
			}
			for _, compiler := range []bool{true, false} {
				b := &bank{slice: 1_000, budget: 10_000_000, depth: 100}
				if got := explode(t, r, compiler, b); got != "" {
					t.Fatal(got)
				}
				if b.spent < calls*c.unit || b.charged > b.slice+mostLong || b.calls < 2 {
					t.Errorf("compiler %v: used %d of at least %d, was charged %d at a time, came out %d times", compiler, b.spent, calls*c.unit, b.charged, b.calls)
				}
			}
		})
	}
}
