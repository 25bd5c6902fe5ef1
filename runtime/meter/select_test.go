package meter_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// selects is a module whose function "run" mixes more floats, or vectors, than there are registers, by select.
func selects(random *rand.Rand, t wasm.ValueType) []byte {
	const n = 24
	var b []byte
	local := func(op byte, i int) { b = append(b, op, byte(i)) }
	pick := func() int { return random.IntN(n) }
	for i := range n { // n values that are not constants: from memory
		b = append(b, 0x41, 0)
		switch t {
		case wasm.F64:
			b = append(b, 0x2b, 3, byte(0x80|i*8), byte(i*8>>7))
		case wasm.F32:
			b = append(b, 0x2a, 2, byte(0x80|i*8), byte(i*8>>7))
		default:
			b = append(b, 0xfd, 0, 4, byte(0x80|i*8), byte(i*8>>7)) // v128.load
		}
		local(0x21, i)
	}
	for range 40 {
		local(0x20, pick())
		local(0x20, pick())
		b = append(b, 0x41, 0, 0x2d, 0, byte(random.IntN(64))) // i32.load8_u
		if t == wasm.V128 {
			b = append(b, 0x1c, 1, byte(t))
		} else {
			b = append(b, 0x1b)
		}
		local(0x21, pick())
		if random.IntN(3) == 0 {
			for range 3 {
				local(0x20, pick())
			}
			b = append(b, 0x10, 1)
			local(0x21, pick())
		}
	}
	for i := range n {
		b = append(b, 0x41, 0)
		local(0x20, i)
		switch t {
		case wasm.F64:
			b = append(b, 0x39, 3, byte(0x80|i*8), byte(4+i*8>>7))
		case wasm.F32:
			b = append(b, 0x38, 2, byte(0x80|i*8), byte(4+i*8>>7))
		default:
			b = append(b, 0xfd, 11, 4, byte(0x80|i*8), byte(4+i*8>>7))
		}
	}
	data := make([]byte, 256)
	for i := range data {
		data[i] = byte(random.IntN(2) * random.IntN(128))
	}
	m := &wasm.Module{Start: -1, DataCount: -1, Types: []wasm.FuncType{{}, {Params: []wasm.ValueType{t, t, t}, Results: []wasm.ValueType{t}}}, Funcs: []uint32{0, 1},
		Memories: []wasm.Limits{{Min: 1}},
		Exports:  []wasm.Export{{Name: "run", Kind: wasm.KindFunc}, {Name: "memory", Kind: wasm.KindMemory}},
		Data:     []wasm.Data{{At: wasm.Expr{Bytes: []byte{0x41, 0, 0x0b}}, Bytes: data}},
		Code:     []wasm.Code{{Bytes: append(append([]byte{1, n, byte(t)}, b...), 0x0b)}, {Bytes: []byte{0, 0x20, 0, 0x20, 1, 0x20, 2, 0x41, 0, 0x1c, 1, byte(t), 0x1a, 0x0b}}}}
	return m.Encode()
}

// TestSelects holds the compiler against the interpreter, where wazero's own compiler is
// wrong one time in three.
func TestSelects(t *testing.T) {
	random, run := rand.New(rand.NewPCG(1, 1)), func(code []byte, compiler bool) string {
		mod, err := newHost(t, compiler, &bank{slice: 100, depth: 100}).load("", code)
		if err != nil {
			t.Fatal(err)
		}
		got := outcome(mod, "run", nil)
		mem, _ := mod.Memory().Read(0, 1024)
		return fmt.Sprintf("%s %x", got, mem)
	}
	for i := range 90 {
		plain := selects(random, []wasm.ValueType{wasm.F64, wasm.F32, wasm.V128}[i%3])
		r, err := rewrite(plain)
		if err != nil {
			t.Fatal(err)
		}
		want := run(plain, false)
		if got := run(r.Wasm, true); got != want {
			t.Errorf("%d: the compiler: %s\nthe interpreter: %s", i, got, want)
		}
		if got := run(r.Wasm, false); got != want {
			t.Errorf("%d: rewritten: %s\noriginal: %s", i, got, want)
		}
	}
}
