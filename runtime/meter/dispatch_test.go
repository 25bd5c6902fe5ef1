package meter_test

import (
	"math/rand/v2"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// machine is a function that goes from piece to piece by a table at the head of a loop: locals are the piece that is next, a
// sum of where it has been, how many pieces it has come by, and one more.
type machine struct {
	random *rand.Rand
	pieces int
	labels []uint32 // of the table, the default last
	open   uint32   // blocks in the loop
	code   []byte
}

const (
	next, sum, steps, other = 0, 1, 2, 3
	mostSteps               = 300
)

func (m *machine) add(b ...byte) { m.code = append(m.code, b...) }

func (m *machine) con(n int32) { m.code = wasm.AppendS64(append(m.code, 0x41), int64(n)) }

func (m *machine) br(op byte, label uint32) { m.code = wasm.AppendU32(append(m.code, op), label) }

// jump goes to where a number leads, or to a piece nearby.
func (m *machine) jump() {
	k := int32(m.random.IntN(len(m.labels)+3)) - 2
	switch m.random.IntN(12) {
	case 0: // by another local: next stays as it is
		m.con(k)
		m.add(0x21, other)
	case 1: // with something in between
		m.con(k)
		m.add(0x21, next, 0x01)
	case 2:
		m.con(k)
		m.add(0x22, next, 0x1a)
	case 3: // something else that ends like it
		m.con(k)
		m.con(next)
		m.add(0x6a, 0x21, next)
	default:
		m.con(k)
		m.add(0x21, next)
	}
	m.br(0x0c, m.open)
}

// piece notes that it was here, and goes somewhere.
func (m *machine) piece(i int) {
	m.add(0x20, sum)
	m.con(31)
	m.add(0x6c)
	m.con(int32(i))
	m.add(0x6a, 0x20, next, 0x73, 0x21, sum)
	m.add(0x20, steps)
	m.con(1)
	m.add(0x6a, 0x22, steps)
	m.con(mostSteps)
	m.add(0x4a)
	m.br(0x0d, m.open+1)
	switch m.random.IntN(6) {
	case 0: // falls through
	case 1:
		m.jump()
	case 2, 3: // perhaps
		m.add(0x20, sum, 0x41, 1, 0x71, 0x04, 0x40)
		m.open++
		m.jump()
		m.add(0x0b)
		m.open--
	case 4: // out of a loop of its own
		m.add(0x03, 0x40)
		m.open++
		m.add(0x20, steps)
		m.con(1)
		m.add(0x6a, 0x22, steps, 0x41, 3, 0x70, 0x0d, 0)
		m.jump()
		m.add(0x0b)
		m.open--
	case 5:
		m.add(0x10, 1)
		m.jump()
	}
}

// module is one with a function "run" of it.
func (m *machine) module() []byte {
	m.add(1, 3, 0x7f, 0x02, 0x40, 0x03, 0x40)
	for range m.pieces {
		m.add(0x02, 0x40)
	}
	m.add(0x20, next)
	for range m.random.IntN(2 * m.pieces) {
		m.labels = append(m.labels, uint32(m.random.IntN(m.pieces+1))) // of which one is the loop's own
	}
	m.labels = append(m.labels, uint32(m.random.IntN(m.pieces)))
	m.br(0x0e, uint32(len(m.labels)-1))
	for _, l := range m.labels {
		m.code = wasm.AppendU32(m.code, l)
	}
	for i := range m.pieces {
		m.add(0x0b)
		m.open = uint32(m.pieces - 1 - i)
		m.piece(i)
	}
	m.add(0x0b, 0x0b, 0x20, sum, 0x0b)
	mod := &wasm.Module{Start: -1, DataCount: -1, Types: []wasm.FuncType{{Params: []wasm.ValueType{wasm.I32}, Results: []wasm.ValueType{wasm.I32}}, {}},
		Funcs: []uint32{0, 1}, Code: []wasm.Code{{Bytes: m.code}, {Bytes: []byte("\x00\x0b")}},
		Exports: []wasm.Export{{Name: "run", Kind: wasm.KindFunc}}}
	return mod.Encode()
}

// TestRandomMachines holds what becomes of jumps from piece to piece against the original. Those that come by the loop's own
// label again and again are ended by their fuel.
func TestRandomMachines(t *testing.T) {
	compared := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 2))
		m := &machine{random: random, pieces: 1 + random.IntN(12)}
		if compared += differential(t, m.module()); t.Failed() {
			t.Fatalf("machine %d", seed)
		}
	}
	if compared < 30 {
		t.Errorf("only %d compared", compared)
	}
}
