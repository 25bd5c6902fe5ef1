// Package metering measures what metering costs: the same kernels and programs on the same
// engine with the same memory, rewritten by runtime/meter and not.
//
// Both run side by side, in turns whose order alternates, so that what else the machine does
// meets both, and on Linux time is the processor time of the thread. A ratio is the median over
// the turns of metered over plain:
//
//	{"case":"metering","system":"unmetered","variant":"sha256","metric":"ratio","value":1.04,"unit":"x","n":15,"spread":0.02}
//
// Whole operations, from making an instance to closing it, are compared with wazero as it comes.
package metering

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// The kernels and programs are built by `make kernels` (kernels/build.sh).
//
//go:embed kernels/*/*.wasm programs/*/*.wasm
var kernels embed.FS

// Kernel is what is measured with: a loop that does one thing, or a program that does a whole
// job, on a heap that grows by megabytes.
type Kernel struct {
	Name    string
	Wasm    []byte
	Export  string // (i32) -> i32: do it so many times, and return a checksum
	Program bool
	// Prepare makes an instance ready. It may return arguments to call the
	// export with instead of how many times.
	Prepare func(context.Context, api.Module) ([]uint64, error)
}

// Embedded returns the kernels and the programs that are in this binary, in C and Rust.
func Embedded() ([]*Kernel, error) {
	files, err := fs.Glob(kernels, "*/*/*.wasm")
	if err != nil {
		return nil, err
	}
	var list []*Kernel
	for _, f := range files {
		b, err := kernels.ReadFile(f)
		if err != nil {
			return nil, err
		}
		list = append(list, &Kernel{Name: strings.TrimSuffix(path.Base(f), ".wasm"), Wasm: b, Export: "run", Program: strings.HasPrefix(f, "programs/")})
	}
	return list, nil
}

// Options say how to measure; nil is the default.
type Options struct {
	Turns int           // 15 if zero
	Turn  time.Duration // how long each takes, about; 15 ms if zero
	Meter *meter.Options
	// Compare also measures whole operations, a fresh instance each time, against
	// wazero as it comes, plain and with its own interruption.
	Compare bool
	// Verify, if it is there, is asked about every result that was timed: of a system (see Figures) and of its counterpart.
	Verify func(system string, got, want uint64) error
}

// orDefault are the options with what they leave open.
func (o *Options) orDefault() Options {
	all := Options{}
	if o != nil {
		all = *o
	}
	all.Turns, all.Turn = cmp.Or(all.Turns, 15), cmp.Or(all.Turn, 15*time.Millisecond)
	return all
}

// same holds two results against each other.
func (o *Options) same(system string, got, want uint64) error {
	if got != want {
		return fmt.Errorf("%s: %d in place of %d", system, got, want)
	}
	if o.Verify == nil {
		return nil
	}
	return o.Verify(system, got, want)
}

// Row is what was measured of one kernel.
type Row struct {
	Kernel  string
	Program bool
	Ratio   float64 // metered over plain, the median
	Spread  float64 // half of what lies between the quartiles, over the median
	Turns   int
	Plain   time.Duration // of one turn, the median
	Refuels float64       // a millisecond
	Rewrite time.Duration // validating and rewriting
	Compile time.Duration // compiling the original
	Bytes   int           // of the original
	Again   bool          // its module is that of a row before: Rewrite, Compile, Slower and Bytes are of that
	Growth  float64       // bytes of the rewritten module over those of the original
	// What a whole operation takes: an instance is made, computes once and is closed. In
	// Vitrine over wazero with its own memory, without interruption and with its own; zero if
	// not asked for.
	Default, Interrupt float64
	Whole              time.Duration // in Vitrine, the median
	Slower             float64       // compiling the rewritten module over compiling the original
	// The ratios of the turns that Ratio, Default and Interrupt are the medians of.
	Ratios, Defaults, Interrupts []float64
}

// Measure measures one kernel.
func Measure(ctx context.Context, k *Kernel, opts *Options) (*Row, error) {
	o := opts.orDefault()
	m := newModule(k.Wasm, o.Meter)
	defer m.close(ctx)
	return m.measure(ctx, k, &o)
}

func (row *Row) turns(ctx context.Context, k *Kernel, plain, metered *guest, o *Options) error {
	args, err := calibrate(ctx, k, plain, metered, o.Turn)
	if err != nil {
		return err
	}
	var ratios, plains []float64
	for i := range o.Turns + 1 {
		if err := ctx.Err(); err != nil { // the engine does not look
			return err
		}
		pair := []*guest{plain, metered}
		took := map[*guest]time.Duration{}
		sums := map[*guest]uint64{}
		if i%2 == 1 {
			slices.Reverse(pair)
		}
		metered.refuels = 0
		for _, g := range pair {
			if took[g], sums[g], err = g.run(ctx, args); err != nil {
				return fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
			}
		}
		if err := o.same(unmetered, sums[plain], sums[metered]); err != nil {
			return fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
		}
		if i == 0 {
			continue // both are warm now
		}
		ratios = append(ratios, float64(took[metered])/float64(took[plain]))
		plains = append(plains, float64(took[plain]))
		row.Refuels = float64(metered.refuels) / took[metered].Seconds() / 1000
	}
	row.Ratios = ratios
	row.Ratio, row.Spread = bench.Middle(ratios)
	plain50, _ := bench.Middle(plains)
	row.Plain = time.Duration(plain50)
	return nil
}

// calibrate finds arguments with which a run takes about as long as wanted. A
// kernel may keep state from run to run, so both guests run the same.
func calibrate(ctx context.Context, k *Kernel, plain, metered *guest, want time.Duration) ([]uint64, error) {
	for n := uint64(1); ; {
		args := []uint64{n}
		if plain.args != nil {
			args = plain.args
		}
		best := time.Duration(math.MaxInt64)
		for range 2 {
			took, _, err := plain.run(ctx, args)
			if err == nil {
				_, _, err = metered.run(ctx, args)
			}
			if err != nil {
				return nil, fmt.Errorf("metering: kernel[%s]: %w", k.Name, err)
			}
			best = min(best, took)
		}
		if best >= want/2 || n > 1<<24 || plain.args != nil {
			return args, nil
		}
		n = max(n+1, min(n*8, n*uint64(want)/uint64(best+1)))
	}
}
