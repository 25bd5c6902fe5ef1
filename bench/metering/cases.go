package metering

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// quick are what a quick run measures: one of each kind of work. Those in Rust take long to compile.
var quick = []string{"fib", "matmul", "sha256", "sieve", "cjson"}

// Cases are metering and refuse. The first has the kernels and programs that are in the binary, and in a folder of Vitrine's
// sources those in Go, and QuickJS if npm has put it there.
func Cases() []bench.Case {
	return []bench.Case{{
		Name: "metering", Help: "kernels and programs that count their own fuel, beside the same without, and beside wazero as it comes", Unit: "x",
		Systems: []string{bench.Ours, unmetered, asItIs, interrupted}, Rounds: 10, Quick: 3, Takes: 8 * time.Minute, TakesQuick: 10 * time.Second,
		Measure: measure, Together: together,
	}, refuseCase()}
}

func measure(ctx context.Context, r *bench.Run) error {
	list, err := kernelsFor(ctx, r)
	if err != nil {
		return err
	}
	var m *module
	defer func() { m.close(ctx) }()
	for _, k := range list {
		if err := ctx.Err(); err != nil { // an engine that nothing can interrupt does not look
			return err
		}
		if !m.has(k) {
			m.close(ctx)
			m = newModule(k.Wasm, nil)
		}
		o := (&Options{Turns: r.RoundsOf(), Turn: r.Turn, Compare: true, Verify: func(system string, got, want uint64) error {
			if err := r.Verify(system, k.Name, strconv.AppendUint(nil, got, 10), strconv.AppendUint(nil, want, 10)); err != nil {
				return err
			}
			return r.Verify(bench.Ours, k.Name, strconv.AppendUint(nil, want, 10), strconv.AppendUint(nil, got, 10))
		}}).orDefault()
		row, err := m.measure(ctx, k, &o)
		if err != nil {
			return err
		}
		for _, f := range row.figures() {
			r.Print(f)
		}
	}
	return nil
}

// kernelsFor are the kernels and programs that are there to be measured.
func kernelsFor(ctx context.Context, r *bench.Run) ([]*Kernel, error) {
	list, err := Embedded()
	if err != nil {
		return nil, err
	}
	if !r.Quick {
		more, err := built(ctx, r)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return wanted(r, list), nil
}

func wanted(r *bench.Run, list []*Kernel) (out []*Kernel) {
	few := r.Quick && len(r.Variants) == 0
	for _, k := range list {
		if few && slices.Contains(quick, k.Name) || !few && r.Wanted(k.Name) {
			out = append(out, k)
		}
	}
	return out
}

// built are those that are too large for the binary.
func built(ctx context.Context, r *bench.Run) (list []*Kernel, err error) {
	if r.Tree == "" {
		r.Note("without what is written in Go, and QuickJS: this is no folder of Vitrine's sources")
		return nil, nil
	}
	dir := filepath.Join(r.Tree, "bench", "metering")
	if _, err := exec.LookPath("go"); err != nil {
		r.Note("without what is written in Go: %v", err)
	} else if list, err = Go(ctx, dir); err != nil {
		return nil, err
	}
	code, err := os.ReadFile(filepath.Join(dir, "kernels", "js", "node_modules", "quickjs-wasi", "quickjs.wasm"))
	if err != nil {
		r.Note("without QuickJS: npm ci in %s", filepath.Join(dir, "kernels", "js"))
		return list, nil
	}
	return append(list, QuickJS(code)), nil
}
