package runtime

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// segment is an active one at a plain number.
func segment(at uint64, b ...byte) wasm.Data {
	return wasm.Data{At: wasm.Expr{Bytes: append(wasm.AppendS64([]byte{byte(wasm.OpI32Const)}, int64(int32(uint32(at)))), byte(wasm.OpEnd))}, Bytes: b}
}

func dataModule(pages uint32, segments ...wasm.Data) *wasm.Module {
	return &wasm.Module{Memories: []wasm.Limits{{Min: pages}}, Start: -1, DataCount: -1, Data: segments,
		Exports: []wasm.Export{{Name: "memory", Kind: wasm.KindMemory}}}
}

// memoryOf is what lies in memory once the module is instantiated, by wazero; nil if it cannot be.
func memoryOf(t *testing.T, m *wasm.Module) []byte {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer rt.Close(ctx)
	mod, err := rt.Instantiate(ctx, m.Encode())
	if err != nil {
		return nil
	}
	b, _ := mod.Memory().Read(0, mod.Memory().Size())
	return bytes.Clone(b)
}

// Joined or not, memory begins with the same bytes.
func TestJoinedDataIsTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var joined int
	for range 200 {
		m := dataModule(1)
		at, gaps := uint64(rnd.IntN(100)), rnd.IntN(600)+1
		for range rnd.IntN(40) {
			b := make([]byte, rnd.IntN(50))
			for i := range b {
				b[i] = byte(rnd.Uint32())
			}
			m.Data = append(m.Data, segment(at, b...))
			at += uint64(len(b)) + uint64(rnd.IntN(gaps))
		}
		rnd.Shuffle(len(m.Data), func(i, j int) { m.Data[i], m.Data[j] = m.Data[j], m.Data[i] })
		want, before := memoryOf(t, m), len(m.Data)
		joinData(m)
		if len(m.Data) < before {
			joined++
		}
		if got := memoryOf(t, m); want == nil || !bytes.Equal(got, want) {
			t.Fatalf("%d segments have become %d others", before, len(m.Data))
		}
	}
	if joined < 100 {
		t.Errorf("only %d of 200 modules were joined", joined)
	}
}

// What could fail, or be named by the code, or depends on its order, stays as it is.
func TestJoinDataLeavesAlone(t *testing.T) {
	named := dataModule(1, segment(0, 1), segment(2, 2))
	named.DataCount = 2
	global := dataModule(1, segment(0, 1), segment(2, 2))
	global.Data[1].At.Bytes = []byte{byte(wasm.OpGlobalGet), 0, byte(wasm.OpEnd)}
	passive := dataModule(1, segment(0, 1), wasm.Data{Mode: wasm.Passive, Bytes: []byte{1}})
	for name, m := range map[string]*wasm.Module{
		"named by the code":    named,
		"at a global":          global,
		"passive":              passive,
		"one over the other":   dataModule(1, segment(0, 1, 2), segment(1, 3)),
		"beyond the memory":    dataModule(1, segment(PageSize-2, 1), segment(PageSize-1, 1, 2)),
		"no memory":            {Start: -1, DataCount: -1, Data: []wasm.Data{segment(0, 1), segment(2, 2)}},
		"far beyond 2 GiB":     dataModule(1, segment(0, 1), segment(1<<32-1, 2)),
		"empty and far beyond": dataModule(1, segment(0, 1), segment(1<<31)),
	} {
		n := len(m.Data)
		if joinData(m); len(m.Data) != n {
			t.Errorf("%s: %d segments have become %d", name, n, len(m.Data))
		}
	}
	if m := dataModule(1, segment(0, 1), segment(1, 2)); true {
		if joinData(m); len(m.Data) != 1 {
			t.Errorf("%d segments where one would do", len(m.Data))
		}
	}
}
