package meter_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

var (
	errFuel  = errors.New("fuel")
	errStack = errors.New("stack")
)

// bank is the other side of refuel: it knows what was handed out.
type bank struct {
	slice   int64 // what is handed out at a time
	budget  int64 // what may be spent; 0 is no limit
	depth   int64 // what the stack may take
	spent   int64 // what was handed out, less what was left of it
	calls   int64
	stopped int64               // what was used when the budget was
	charged int64               // the most that was charged between two calls
	last    int64               // what was left when the guest went in
	guests  map[api.Module]bool // those that have got their stack
}

// refuel is what the host does when a guest comes out.
func (b *bank) refuel(_ context.Context, mod api.Module, _ []uint64) {
	b.calls++
	b.allowStack(mod)
	if int64(mod.ExportedGlobal(meter.ExportDepth).Get()) < 0 {
		panic(errStack)
	}
	fuel := mod.ExportedGlobal(meter.ExportFuel).(api.MutableGlobal)
	left := int64(fuel.Get())
	b.charged = max(b.charged, b.last-left)
	defer func() { b.last = int64(fuel.Get()) }()
	if b.budget > 0 && b.spent-left > b.budget {
		b.stopped = b.spent - left
		panic(errFuel)
	}
	if left < 0 {
		next := b.slice
		if b.budget > 0 {
			next = min(next, b.budget-(b.spent-left))
		}
		b.spent += next - left
		fuel.Set(uint64(next))
	}
}

// allowStack gives a guest its stack the first time, which may be in its start function.
func (b *bank) allowStack(mod api.Module) {
	if depth, ok := mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal); ok && !b.guests[mod] {
		b.guests[mod] = true
		depth.Set(uint64(int64(depth.Get()) + b.depth*meter.DepthUnit))
	}
}

// renew makes up for what a trap has left behind.
func (b *bank) renew() {
	for mod := range b.guests {
		mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal).Set(uint64(b.depth * meter.DepthUnit))
	}
}

// used is the fuel that the only guest has used.
func (b *bank) used(mod api.Module) int64 {
	return b.spent - int64(mod.ExportedGlobal(meter.ExportFuel).Get())
}

// host is a runtime with refuel, and the guests in it.
type host struct {
	r        wazero.Runtime
	bank     *bank
	memories []*memory.Memory
}

func (h *host) close() {
	h.r.Close(context.Background())
	for _, m := range h.memories {
		m.Release()
	}
}

func newHost(t testing.TB, compiler bool, b *bank) *host {
	t.Helper()
	b.guests = map[api.Module]bool{}
	ctx := context.Background()
	config := wazero.NewRuntimeConfigInterpreter()
	if compiler {
		config = wazero.NewRuntimeConfigCompiler()
	}
	h := &host{r: wazero.NewRuntimeWithConfig(ctx, config), bank: b}
	t.Cleanup(h.close)
	_, err := h.r.NewHostModuleBuilder(meter.ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(b.refuel), nil, nil).Export(meter.ImportRefuel).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// rewrite validates and rewrites.
func rewrite(b []byte) (*meter.Result, error) { return rewriteWith(b, nil) }

func rewriteWith(b []byte, caps *validate.Caps) (*meter.Result, error) {
	m, err := validate.Module(b, caps)
	if err != nil {
		return nil, err
	}
	return meter.Rewrite(m, nil)
}

// load instantiates a module, which may have no name, with a reserved memory.
func (h *host) load(name string, b []byte) (api.Module, error) {
	ctx := context.Background()
	c, err := h.r.CompileModule(ctx, b)
	if err != nil {
		return nil, err
	}
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		m := memory.New(most)
		m.Reserve(most)
		h.memories = append(h.memories, m)
		return m
	}))
	mod, err := h.r.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName(name).WithStartFunctions())
	if err == nil {
		h.bank.allowStack(mod)
	}
	return mod, err
}

// outcome is what a call came to: results or a trap, in words.
func outcome(mod api.Module, fn string, args []uint64) string {
	f := mod.ExportedFunction(fn)
	if f == nil {
		return "no such function"
	}
	res, err := f.Call(context.Background(), args...)
	if err != nil {
		return failure(err)
	}
	var s strings.Builder
	for _, t := range f.Definition().ResultTypes() {
		switch v := res[0]; t {
		case api.ValueTypeF32:
			s.WriteString(float(float64(math.Float32frombits(uint32(v)))))
		case api.ValueTypeF64:
			s.WriteString(float(math.Float64frombits(v)))
		case api.ValueTypeExternref, 0x70:
			fmt.Fprintf(&s, "null=%v ", v == 0)
		case 0x7b:
			s.WriteString(vector(res[0], res[1]))
			res = res[1:]
		case api.ValueTypeI32:
			fmt.Fprintf(&s, "%x ", uint32(v))
		default:
			fmt.Fprintf(&s, "%x ", v)
		}
		res = res[1:]
	}
	return s.String()
}

// float compares bits, but not those of a NaN: which of two it is of, is open.
func float(f float64) string {
	if math.IsNaN(f) {
		return "nan "
	}
	return fmt.Sprintf("%x ", math.Float64bits(f))
}

// vector takes a vector whose lanes may be NaN for whatever has such lanes.
func vector(lo, hi uint64) string {
	s := ""
	for _, v := range []uint64{lo, hi} {
		for _, w := range []uint32{uint32(v), uint32(v >> 32)} {
			if f := math.Float32frombits(w); f != f {
				w = 0x7fc00000
			}
			if v&0x7ff0000000000000 == 0x7ff0000000000000 {
				w = 0x7ff00000
			}
			s += fmt.Sprintf("%x_", w)
		}
	}
	return s + " "
}

// failure is the first line of an error, with the ways to run out of stack made one.
func failure(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	if errors.Is(err, errStack) || strings.Contains(s, "stack overflow") {
		return "stack"
	}
	if errors.Is(err, errFuel) {
		return "fuel"
	}
	return s
}
