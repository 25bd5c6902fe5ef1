package metering

import (
	"context"
	"fmt"
	"math"
	goruntime "runtime"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
)

// A whole operation is what a host does for one request: an instance is made of a compiled
// module, computes, and is closed.
type whole func(ctx context.Context, n uint64) (uint64, error)

// compare measures whole operations, in turns. Here it is the wall clock: part of what memory
// costs a host is paid by its collector, on other threads. Each begins after a collection.
func (row *Row) compare(ctx context.Context, m *module, k *Kernel, o *Options) error {
	mod, err := m.vitrine(ctx)
	if err != nil {
		return err
	}
	ours := vitrine(mod, k)
	n, err := k.often(ctx, ours, o.Turn)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		system string
		turns  int
		ratio  *float64
		of     *[]float64
	}{{interrupted, few(o.Turns), &row.Interrupt, &row.Interrupts}, {asItIs, o.Turns, &row.Default, &row.Defaults}} {
		theirs, closeTheirs, err := asItComes(ctx, k, m.cache, c.system == interrupted)
		if err != nil {
			return err
		}
		*c.of, err = row.wholes(ctx, [2]whole{ours, theirs}, n, c.turns, func(got, want uint64) error { return o.same(c.system, got, want) })
		closeTheirs()
		if err != nil {
			return fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
		}
		*c.ratio, _ = bench.Middle(*c.of)
	}
	return nil
}

// few is how many turns the slow ones get: as few as make a figure.
func few(turns int) int { return min(turns, 10) }

// wholes returns the ratios.
func (row *Row) wholes(ctx context.Context, pair [2]whole, n uint64, turns int, same func(got, want uint64) error) ([]float64, error) {
	var ratios []float64
	var ours []float64
	for turn := range turns + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var took [2]time.Duration
		var sums [2]uint64
		for i := range pair {
			i = (i + turn) % 2
			goruntime.GC()
			began := time.Now()
			var err error
			if sums[i], err = pair[i](ctx, n); err != nil {
				return nil, err
			}
			took[i] = time.Since(began)
		}
		if err := same(sums[1], sums[0]); err != nil {
			return nil, err
		}
		if turn > 0 { // both are warm
			ratios = append(ratios, float64(took[0])/float64(took[1]))
			ours = append(ours, float64(took[0]))
		}
	}
	row.Whole = time.Duration(bench.Median(ours))
	return ratios, nil
}

// often is how many times a kernel is to do its loop in a turn. A program does its job once.
func (k *Kernel) often(ctx context.Context, f whole, want time.Duration) (uint64, error) {
	if k.Program {
		return 1, nil
	}
	for n := uint64(1); ; n *= 2 {
		best := time.Duration(math.MaxInt64) // once the machine may have done something else
		for range 3 {
			began := time.Now()
			if _, err := f(ctx, n); err != nil {
				return 0, err
			}
			best = min(best, time.Since(began))
		}
		if best >= want || n > 1<<24 {
			return n, nil
		}
	}
}

// vitrine is the runtime as a host uses it.
func vitrine(mod *runtime.Module, k *Kernel) whole {
	return func(ctx context.Context, n uint64) (uint64, error) {
		in, err := mod.Instantiate(ctx, nil)
		if err != nil {
			return 0, err
		}
		defer in.Close(ctx) // nothing runs in it
		res, err := in.Invoke(ctx, k.Export, n)
		if err != nil {
			return 0, err
		}
		return res[0], nil
	}
}

// asItComes is wazero with its defaults.
func asItComes(ctx context.Context, k *Kernel, cache wazero.CompilationCache, interrupt bool) (whole, func(), error) {
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCloseOnContextDone(interrupt).WithCompilationCache(cache))
	done := func() { _ = rt.Close(ctx) }
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
		done()
		return nil, nil, err
	}
	code, err := rt.CompileModule(ctx, k.Wasm)
	if err != nil {
		done()
		return nil, nil, err
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	return func(ctx context.Context, n uint64) (uint64, error) {
		if interrupt { // it looks at contexts that can end
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Hour)
			defer cancel()
		}
		mod, err := rt.InstantiateModule(ctx, code, config)
		if err != nil {
			return 0, err
		}
		defer mod.Close(ctx) // nothing runs in it
		res, err := mod.ExportedFunction(k.Export).Call(ctx, n)
		if err != nil {
			return 0, err
		}
		return res[0], nil
	}, done, nil
}
