package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v39"
	extism "github.com/extism/go-sdk"

	"github.com/vitrine-run/vitrine/bench/hold"
)

// killers are those of the cases kill and freeze beside Vitrine: whatever claims to end a guest, and wazero as it comes.
func killers() []hold.Peer {
	return append(hold.Peers(),
		hold.Peer{Name: "wasmtime-epoch", Arm: armEpoch},
		hold.Peer{Name: "wasmtime-fuel", Arm: armFuel, Untimed: true},
		hold.Peer{Name: "extism", Arm: armExtism},
	)
}

// bomb is a guest on wasmtime, with a store and an instance for each run.
type bomb struct {
	engine *wasmtime.Engine
	module *wasmtime.Module
}

func newBomb(config *wasmtime.Config, wasm []byte) (*bomb, error) {
	engine := wasmtime.NewEngineWithConfig(config)
	module, err := wasmtime.NewModule(engine, wasm)
	return &bomb{engine, module}, err
}

// run runs the guest once, in a store that has got its limit. It answers what has ended it.
func (b *bomb) run(limit func(*wasmtime.Store) error) error {
	store := wasmtime.NewStore(b.engine)
	defer store.Close()
	store.Limiter(hold.MemoryPages<<16, -1, -1, -1, -1)
	if err := limit(store); err != nil {
		return err
	}
	in, err := wasmtime.NewInstance(store, b.module, nil)
	if err != nil {
		return err
	}
	_, err = in.GetFunc(store, "run").Call(store)
	return err
}

// What wasmtime says when a deadline was over, and when there was no fuel left: wasmtime-go's code of the latter is that of another trap.
const (
	interrupted = "wasm trap: interrupt"
	outOfFuel   = "wasm trap: all fuel consumed by WebAssembly"
)

func trapped(err error, why string) string {
	if trap := (*wasmtime.Trap)(nil); errors.As(err, &trap) && strings.Contains(trap.Message(), why) {
		return hold.Ended
	}
	return fmt.Sprint(err)
}

// armEpoch has the epoch go on when the deadline is over, and at no other time: as the documentation has it for one guest
// (docs.wasmtime.dev/examples-interrupting-wasm.html). With a ticker a guest ends a tick later than that.
func armEpoch(_ context.Context, wasm []byte) (hold.Explode, error) {
	config := wasmtime.NewConfig()
	config.SetEpochInterruption(true)
	b, err := newBomb(config, wasm)
	return func() string {
		return trapped(b.run(func(store *wasmtime.Store) error {
			store.SetEpochDeadline(1)
			time.AfterFunc(hold.Deadline, b.engine.IncrementEpoch)
			return nil
		}), interrupted)
	}, err
}

// plainLoop is what fuel is found out by: an empty loop.
const plainLoop = `(module (func (export "run") (loop $again (br $again))))`

// armFuel gives a guest as much fuel as an empty loop uses by the deadline: fuel knows no time.
func armFuel(_ context.Context, wasm []byte) (hold.Explode, error) {
	config := wasmtime.NewConfig()
	config.SetConsumeFuel(true)
	loop, err := wasmtime.Wat2Wasm(plainLoop)
	if err != nil {
		return nil, err
	}
	sample, err := newBomb(config, loop)
	if err != nil {
		return nil, err
	}
	const some = 10_000_000
	var per time.Duration
	for range 3 { // the first is not warm
		began := time.Now()
		if end := trapped(sample.run(func(s *wasmtime.Store) error { return s.SetFuel(some) }), outOfFuel); end != hold.Ended {
			return nil, errors.New(end)
		}
		per = time.Since(began)
	}
	allowance := uint64(some * float64(hold.Deadline) / float64(per))
	b := &bomb{engine: sample.engine}
	b.module, err = wasmtime.NewModule(b.engine, wasm)
	return func() string {
		return trapped(b.run(func(s *wasmtime.Store) error { return s.SetFuel(allowance) }), outOfFuel)
	}, err
}

// armExtism has a plugin for each run, of code that is compiled once, its manifest's timeout_ms, and a context for what happens before the call.
func armExtism(ctx context.Context, wasm []byte) (hold.Explode, error) {
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: wasm}}, Timeout: uint64(hold.Deadline.Milliseconds()),
		Memory: &extism.ManifestMemory{MaxPages: hold.MemoryPages, MaxHttpResponseBytes: -1, MaxVarBytes: -1}}
	code, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{}, nil)
	return func() string {
		limited, cancel := context.WithTimeout(ctx, hold.Deadline)
		defer cancel()
		p, err := code.Instance(limited, extism.PluginInstanceConfig{})
		if err == nil {
			_, _, err = p.CallWithContext(limited, "run", nil)
			_ = p.Close(ctx) // what it ended in is the answer
		}
		return hold.EndOf(err)
	}, err
}
