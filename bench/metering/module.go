package metering

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// A module is what several kernels may share: each way to run it is compiled once, for a large one takes many seconds.
type module struct {
	wasm, metered []byte // metered is nil until it is rewritten
	meter         *meter.Options
	cache         wazero.CompilationCache // of plain and metered, and of wazero as it comes
	ours          *runtime.Runtime        // nil until it is asked for
	compiled      *runtime.Module
	times         Row // Rewrite, Compile and Slower, of the first kernel
}

func newModule(wasm []byte, opts *meter.Options) *module {
	return &module{wasm: wasm, meter: opts, cache: wazero.NewCompilationCache()}
}

// has says whether a kernel is a function of the module.
func (m *module) has(k *Kernel) bool { return m != nil && &m.wasm[0] == &k.Wasm[0] }

func (m *module) close(ctx context.Context) {
	if m == nil {
		return
	}
	var err error
	if m.ours != nil {
		err = m.ours.Close(ctx)
	}
	_ = errors.Join(err, m.cache.Close(ctx)) // nothing runs
}

// rewritten is the metered module.
func (m *module) rewritten(row *Row) error {
	if m.metered != nil {
		return nil
	}
	row.Rewrite = time.Hour
	for range 3 { // the first time it also warms up
		start := clock()
		code, err := rewrite(m.wasm, m.meter)
		if err != nil {
			return err
		}
		m.metered, row.Rewrite = code, min(row.Rewrite, clock()-start)
	}
	return nil
}

// vitrine compiles the module as a host does, with limits that nothing here meets.
func (m *module) vitrine(ctx context.Context) (*runtime.Module, error) {
	if m.compiled != nil {
		return m.compiled, nil
	}
	var err error
	if m.ours, err = runtime.New(nil); err != nil {
		return nil, err
	}
	m.compiled, err = m.ours.Compile(ctx, m.wasm, &runtime.Limits{Fuel: 1 << 60, WallTime: time.Hour, Memory: 512 << 20})
	return m.compiled, err
}

// measure measures one of its kernels.
func (m *module) measure(ctx context.Context, k *Kernel, o *Options) (*Row, error) {
	row := &Row{Kernel: k.Name, Program: k.Program, Turns: o.Turns, Bytes: len(m.wasm), Again: m.metered != nil}
	if err := m.alone(ctx, k, row, o); err != nil || !o.Compare || k.Prepare != nil {
		return row, err
	}
	return row, row.compare(ctx, m, k, o)
}

// alone measures what metering costs, by the clock of one thread: the guests stay on it. Whole operations do not. No host ties a request to a
// thread, and one that does lets two others wake each time that its goroutine gives way: that is a fifth of a turn, and no metering.
func (m *module) alone(ctx context.Context, k *Kernel, row *Row, o *Options) error {
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	if err := m.rewritten(row); err != nil {
		return fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
	}
	plain, err := newGuest(ctx, k, m.wasm, m.cache)
	if err != nil {
		return err
	}
	defer plain.close(ctx)
	metered, err := newGuest(ctx, k, m.metered, m.cache)
	if err != nil {
		return err
	}
	defer metered.close(ctx)
	if !row.Again {
		row.Compile, row.Slower = plain.compile, float64(metered.compile)/float64(plain.compile)
		m.times = *row
	}
	row.Rewrite, row.Compile, row.Slower = m.times.Rewrite, m.times.Compile, m.times.Slower
	row.Growth = float64(len(m.metered)) / float64(len(m.wasm))
	return row.turns(ctx, k, plain, metered, o)
}
