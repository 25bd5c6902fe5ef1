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
