package meter_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero/api"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
	"github.com/vitrine-run/vitrine/runtime/wasm/wasmtest"
)

// smallCaps keep what random modules ask for within reason.
var smallCaps = &validate.Caps{MemoryPages: 64, TableSize: 10_000}

// link provides every function that a module imports: it takes anything and
// answers zero. They are modules, too, since wazero's host functions know no vectors.
func (h *host) link(m *wasm.Module) error {
	stubs := map[string]*wasm.Module{}
	for i := range m.Imports {
		im := &m.Imports[i]
		if im.Kind != wasm.KindFunc {
			return fmt.Errorf("imports a %s", im.Kind)
		}
		s := stubs[im.Module]
		if s == nil {
			s = &wasm.Module{Types: m.Types, Start: -1, DataCount: -1}
			stubs[im.Module] = s
		}
		code := []byte{0}
		for _, t := range m.Types[im.Type].Results {
			code = append(code, zero(t)...)
		}
		s.Exports = append(s.Exports, wasm.Export{Name: im.Name, Index: uint32(len(s.Funcs))})
		s.Funcs = append(s.Funcs, im.Type)
		s.Code = append(s.Code, wasm.Code{Bytes: append(code, byte(wasm.OpEnd))})
	}
	for name, s := range stubs {
		if _, err := h.load(name, s.Encode()); err != nil {
			return err
		}
	}
	return nil
}

// zero is the instruction that pushes zero, or null.
func zero(t wasm.ValueType) []byte {
	switch t {
	case wasm.I32:
		return []byte{byte(wasm.OpI32Const), 0}
	case wasm.I64:
		return []byte{byte(wasm.OpI64Const), 0}
	case wasm.F32:
		return append([]byte{byte(wasm.OpF32Const)}, make([]byte, 4)...)
	case wasm.F64:
		return append([]byte{byte(wasm.OpF64Const)}, make([]byte, 8)...)
	case wasm.V128:
		return append([]byte{0xfd, 0x0c}, make([]byte, 16)...)
	}
	return []byte{byte(wasm.OpRefNull), byte(t)}
}

// state is what can be seen of a module from outside: its memory and the
// globals that the original exports.
func state(m *wasm.Module, mod api.Module) string {
	h := fnv.New64a()
	if mem := mod.Memory(); len(m.MemoryTypes()) > 0 {
		b, _ := mem.Read(0, mem.Size())
		h.Write(b)
	}
	s := fmt.Sprintf("memory %x", h.Sum64())
	types := m.GlobalTypes()
	for _, e := range m.Exports {
		if e.Kind == wasm.KindGlobal && types[e.Index].Type != wasm.FuncRef {
			s += fmt.Sprintf(" %s=%s", e.Name, mod.ExportedGlobal(e.Name))
		}
	}
	return s
}

// differential runs everything that a module exports, original and rewritten, on both engines,
// and wants the same results, traps and state, and the same fuel from both engines. It
// returns how many calls it compared.
func differential(t testing.TB, b []byte) int {
	m, err := validate.Module(b, smallCaps)
	if err != nil {
		return 0
	}
	clamped := m.Encode()
	r, err := rewriteWith(clamped, smallCaps)
	if err != nil {
		return 0
	}
	m, _ = wasm.Decode(clamped) // Rewrite has used up the other
	if initsActive(m) {
		return 0
	}
	var fuel [2]int64
	calls := 0
	for i, compiler := range []bool{true, false} {
		calls, fuel[i] = sideBySide(t, m, clamped, r, compiler)
	}
	if fuel[0] != fuel[1] {
		t.Errorf("the compiler used %d, the interpreter %d", fuel[0], fuel[1])
	}
	return calls
}

// initsActive tells whether there is a memory.init of an active segment: wazero 1.12 copies what
// it should have dropped, and what is rewritten does not. See runtime.TestDroppedSegmentsAreEmpty.
func initsActive(m *wasm.Module) bool {
	for i := range m.Code {
		r := wasm.NewReader(m.Code[i].Bytes, 0)
		for range r.U32() {
			r.U32()
			r.Byte()
		}
		for in := (wasm.Instr{}); r.Len() > 0; {
			if r.Instr(&in); in.Op == wasm.OpMemoryInit && m.Data[in.A].Mode == wasm.Active {
				return true
			}
		}
	}
	return false
}

func sideBySide(t testing.TB, m *wasm.Module, original []byte, r *meter.Result, compiler bool) (calls int, fuel int64) {
	b := &bank{slice: 97, budget: 1_000_000, depth: 500}
	plain, metered := newHost(t, compiler, &bank{}), newHost(t, compiler, b)
	defer plain.close()
	defer metered.close()
	if plain.link(m) != nil || metered.link(m) != nil {
		return 0, 0
	}
	// The metered one goes first: if it runs out, the other may never end.
	got, err1 := metered.load("", r.Wasm)
	if err1 != nil && (failure(err1) == "fuel" || failure(err1) == "stack") {
		return 0, b.spent
	}
	want, err2 := plain.load("", original)
	if (err1 == nil) != (err2 == nil) {
		t.Fatalf("compiler %v: plain %v, metered %v", compiler, err2, err1)
	}
	if err1 != nil {
		return 1, b.spent
	}
	funcs := m.FuncTypes()
	for _, e := range m.Exports {
		if e.Kind != wasm.KindFunc {
			continue
		}
		var args []uint64
		for _, p := range m.Types[funcs[e.Index]].Params {
			if args = append(args, uint64(len(args)+3)); p == wasm.V128 {
				args = append(args, 7)
			} else if p.IsRef() {
				args[len(args)-1] = 0
			}
		}
		b.renew()
		one := outcome(got, e.Name, args)
		if one == "fuel" || one == "stack" {
			break // from here on their states differ
		}
		two := outcome(want, e.Name, args)
		if one != two {
			t.Fatalf("compiler %v: %s: got %s, want %s", compiler, wasm.Quote(e.Name), one, two)
		}
		if one, two = state(m, got), state(m, want); one != two {
			t.Fatalf("compiler %v: after %s: got %s, want %s", compiler, wasm.Quote(e.Name), one, two)
		}
		calls++
	}
	return calls, b.used(got)
}

// TestRandomModules runs modules that Binaryen makes up.
func TestRandomModules(t *testing.T) {
	opt, err := exec.LookPath("wasm-opt")
	if err != nil {
		t.Skip("wasm-opt is not installed")
	}
	modules, calls := 60, 0
	if testing.Short() {
		modules = 10
	}
	random := rand.New(rand.NewPCG(3, 1))
	dir := t.TempDir()
	for n := range modules {
		seed := make([]byte, 500+random.IntN(4000))
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		in, out := filepath.Join(dir, "seed"), filepath.Join(dir, "out.wasm")
		if err := os.WriteFile(in, seed, 0o600); err != nil {
			t.Fatal(err)
		}
		// Without references: what it takes for them has changed since.
		msg, err := exec.Command(opt, "-ttf", in, "-o", out, "--mvp-features", "--enable-multivalue", "--enable-bulk-memory", "--enable-simd",
			"--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-mutable-globals").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		c := differential(t, b)
		if calls += c; t.Failed() {
			t.Fatalf("module %d", n)
		}
	}
	t.Logf("%d calls compared", calls)
	if calls < 3*modules {
		t.Errorf("only %d calls compared in %d modules", calls, modules)
	}
}

// TestDeterministic rewrites twice.
func TestDeterministic(t *testing.T) {
	wasmtest.Modules(t, 9, func(name string, b []byte) {
		one, err := rewrite(b)
		if err != nil {
			return
		}
		two, err := rewrite(b)
		if err != nil || !bytes.Equal(one.Wasm, two.Wasm) {
			t.Errorf("%s: not the same twice, %v", name, err)
		}
	})
}

// TestRewriteAtOnce rewrites on several goroutines: what rewriters hand on to each other makes no difference.
func TestRewriteAtOnce(t *testing.T) {
	var codes, want [][]byte
	wasmtest.Modules(t, 29, func(_ string, b []byte) {
		if r, err := rewrite(b); err == nil {
			codes, want = append(codes, b), append(want, r.Wasm)
		}
	})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range codes {
				n := (i*(2*g+1) + g) % len(codes)
				if r, err := rewrite(codes[n]); err != nil || !bytes.Equal(r.Wasm, want[n]) {
					t.Errorf("module %d is not the same on goroutine %d, %v", n, g, err)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzRewrite wants of every valid module that it compiles when it is rewritten, and does the same.
func FuzzRewrite(f *testing.F) {
	wasmtest.Modules(f, 41, func(_ string, b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 20_000 {
			differential(t, b)
		}
	})
}
