package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v39"

	"github.com/vitrine-run/vitrine/bench/program"
)

// programSystems are those of the cases program and parallel, ours first.
func programSystems() []program.Maker {
	list := program.Light()
	for _, name := range []string{"wasmtime", "wasmtime-fuel", "wasmtime-epoch"} {
		list = append(list, program.Maker{Name: name, Make: func(context.Context) (program.System, error) { return newPrograms(name), nil }})
	}
	return list
}

// jobFuel is more than any job uses.
const jobFuel = 1 << 60

// programs is wasmtime, with a store and an instance for every job, as its documentation has it; with the allocator as it comes.
type programs struct {
	name    string
	engine  *wasmtime.Engine
	linker  *wasmtime.Linker
	stop    context.CancelFunc
	stopped chan struct{}

	mu      sync.Mutex
	modules map[*byte]*wasmtime.Module
}

func newPrograms(name string) *programs {
	config := wasmtime.NewConfig()
	config.SetConsumeFuel(name == "wasmtime-fuel")
	config.SetEpochInterruption(name == "wasmtime-epoch")
	p := &programs{name: name, engine: wasmtime.NewEngineWithConfig(config), modules: map[*byte]*wasmtime.Module{}, stopped: make(chan struct{})}
	p.linker = wasmtime.NewLinker(p.engine)
	var ctx context.Context
	ctx, p.stop = context.WithCancel(context.Background())
	go func() {
		defer close(p.stopped)
		tickEpochs(ctx, p.engine, name)
	}()
	return p
}

// tickEpochs moves the epoch on, as a host does that wants to stop guests.
func tickEpochs(ctx context.Context, engine *wasmtime.Engine, name string) {
	if name != "wasmtime-epoch" {
		return
	}
	clock := time.NewTicker(epoch)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
			engine.IncrementEpoch()
		}
	}
}

// Load implements program.System.
func (p *programs) Load(_ context.Context, j *program.Job) (program.Do, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.modules) == 0 {
		if err := p.linker.DefineWasi(); err != nil {
			return nil, err
		}
	}
	module := p.modules[&j.Wasm[0]]
	if module == nil {
		var err error
		if module, err = wasmtime.NewModule(p.engine, j.Wasm); err != nil {
			return nil, err
		}
		p.modules[&j.Wasm[0]] = module
	}
	return func(_ context.Context, n uint32) (uint32, error) { return p.do(module, j.Export, n) }, nil
}

func (p *programs) do(module *wasmtime.Module, export string, n uint32) (uint32, error) {
	store := wasmtime.NewStore(p.engine)
	defer store.Close()
	store.SetWasi(wasmtime.NewWasiConfig())
	switch p.name {
	case "wasmtime-fuel":
		if err := store.SetFuel(jobFuel); err != nil {
			return 0, err
		}
	case "wasmtime-epoch":
		store.SetEpochDeadline(uint64(time.Hour / epoch))
	}
	in, err := p.linker.Instantiate(store, module)
	if err != nil {
		return 0, err
	}
	if start := in.GetFunc(store, "_initialize"); start != nil {
		if _, err := start.Call(store); err != nil {
			return 0, err
		}
	}
	f := in.GetFunc(store, export)
	if f == nil {
		return 0, errors.New("no such export")
	}
	res, err := f.Call(store, int32(n))
	if err != nil {
		return 0, err
	}
	sum, ok := res.(int32)
	if !ok {
		return 0, fmt.Errorf("answered a %T", res)
	}
	return uint32(sum), nil
}

// Close implements program.System.
func (p *programs) Close() error {
	p.stop()
	<-p.stopped
	for _, m := range p.modules {
		m.Close()
	}
	p.linker.Close()
	p.engine.Close()
	return nil
}
