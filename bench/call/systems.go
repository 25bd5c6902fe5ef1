package call

import (
	"context"
	_ "embed" // the guests
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
)

// The guests: what every system runs, and the same for Extism's conventions.
var (
	//go:embed testdata/echo.wasm
	EchoGuest []byte
	//go:embed testdata/extism.wasm
	ExtismGuest []byte
)

// ErrTicks says that the host function was not called as often, or did not answer as it should.
var ErrTicks = errors.New("call: the guest counted other ticks")

//go:generate testdata/assemble.sh

// Tick is the host function.
func Tick(i uint32) uint32 { return i + 1 }

// vitrine calls through this module's runtime, with the limits that hold when nobody has set any.
type vitrine struct {
	ctx  context.Context
	name string
	in   *runtime.Instance
}

// NewVitrine returns Vitrine on one of its engines ("" is wazero), and what gives everything back.
func NewVitrine(ctx context.Context, engine string) (System, func(), error) {
	rt, err := runtime.New(&runtime.Options{Engine: engine, HostFuncs: []runtime.HostFunc{{
		Module: "bench", Name: "tick", Params: []runtime.ValueType{runtime.I32}, Results: []runtime.ValueType{runtime.I32},
		Call: func(_ *runtime.Caller, stack []uint64) { stack[0] = uint64(Tick(uint32(stack[0]))) },
	}}})
	if err != nil {
		return nil, nil, err
	}
	end := func() { _ = rt.Close(context.Background()) } // nothing runs
	m, err := rt.Compile(ctx, EchoGuest, nil)
	if err != nil {
		end()
		return nil, nil, err
	}
	in, err := m.Instantiate(ctx, nil)
	if err != nil {
		end()
		return nil, nil, err
	}
	name := bench.Ours
	if engine != "" {
		name += "-" + engine
	}
	return &vitrine{ctx, name, in}, end, nil
}

func (v *vitrine) Name() string                   { return v.name }
func (v *vitrine) Echo(in []byte) ([]byte, error) { return v.in.Call(v.ctx, "echo", in) }

func (v *vitrine) Ticks() error {
	wrong, err := v.in.Invoke(v.ctx, "run")
	if err == nil && wrong[0] != 0 {
		err = ErrTicks
	}
	return err
}

// plain calls through wazero as it comes: no limit, no deadline, no fuel.
type plain struct {
	ctx              context.Context
	name             string
	mem              api.Memory
	alloc, echo, run api.Function
	stack            [2]uint64
}

// NewWazero returns wazero with its defaults.
func NewWazero(ctx context.Context) (System, func(), error) {
	return newPlain(ctx, "wazero", wazero.NewRuntimeConfig())
}

// NewWazeroCtx returns wazero with its own interruption, the only one it has: a call ends with its context.
func NewWazeroCtx(ctx context.Context) (System, func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	s, end, err := newPlain(ctx, "wazero-ctx", wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return s, func() { end(); cancel() }, nil
}

func newPlain(ctx context.Context, name string, config wazero.RuntimeConfig) (System, func(), error) {
	rt := wazero.NewRuntimeWithConfig(ctx, config)
	end := func() { _ = rt.Close(context.Background()) } // nothing runs
	_, err := rt.NewHostModuleBuilder("bench").NewFunctionBuilder().
		WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(Tick(uint32(stack[0]))) }),
			[]api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).Export("tick").Instantiate(ctx)
	if err != nil {
		end()
		return nil, nil, err
	}
	mod, err := rt.Instantiate(ctx, EchoGuest)
	if err != nil {
		end()
		return nil, nil, err
	}
	return &plain{ctx: ctx, name: name, mem: mod.Memory(), alloc: mod.ExportedFunction("vitrine_alloc"),
		echo: mod.ExportedFunction("echo"), run: mod.ExportedFunction("run")}, end, nil
}

func (p *plain) Name() string { return p.name }

func (p *plain) Echo(in []byte) ([]byte, error) {
	var ptr uint64
	if len(in) > 0 {
		p.stack[0] = uint64(len(in))
		if err := p.alloc.CallWithStack(p.ctx, p.stack[:]); err != nil {
			return nil, err
		}
		if ptr = p.stack[0]; !p.mem.Write(uint32(ptr), in) {
			return nil, fmt.Errorf("no room at %d", ptr)
		}
	}
	p.stack[0], p.stack[1] = ptr, uint64(len(in))
	if err := p.echo.CallWithStack(p.ctx, p.stack[:]); err != nil {
		return nil, err
	}
	out, ok := p.mem.Read(uint32(p.stack[0]>>32), uint32(p.stack[0]))
	if !ok {
		return nil, errors.New("no answer")
	}
	return append([]byte(nil), out...), nil
}

func (p *plain) Ticks() error {
	if err := p.run.CallWithStack(p.ctx, p.stack[:]); err != nil {
		return err
	}
	if uint32(p.stack[0]) != 0 {
		return ErrTicks
	}
	return nil
}

// native is a plugin that is a part of the host: what isolation is paid from.
type native struct{}

// NewGo returns functions of Go that are called as they are, with nothing in between.
func NewGo() System { return native{} }

func (native) Name() string { return "go" }

func (native) Echo(in []byte) ([]byte, error) { return append([]byte(nil), in...), nil }

// tick is a variable so that the compiler does not take the call away.
var tick = Tick

func (native) Ticks() error {
	var sum uint32
	for i := range uint32(1000) {
		sum += tick(i)
	}
	if sum != 500_500 {
		return ErrTicks
	}
	return nil
}

// Light are the systems that need no more than Vitrine's own module has, ours first.
func Light() []Maker {
	return []Maker{
		{bench.Ours, func(ctx context.Context) (System, func(), error) { return NewVitrine(ctx, "") }},
		{"go", func(context.Context) (System, func(), error) { return NewGo(), func() {}, nil }},
		{"wazero", NewWazero},
		{"wazero-ctx", NewWazeroCtx},
	}
}
