package hold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/sys"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// The peers: wazero's own interruption, and wazero as it comes.
const (
	interrupted = "wazero-ctx"
	plain       = "wazero"
)

// patience is how long a peer's process is waited for.
const patience = 2 * time.Second

// peers measures the peers with a bomb, each in a process of its own, once. They are left out of a quick run, for most of
// them have to be waited for.
func peers(ctx context.Context, r *bench.Run, name string, b *bombs.Bomb) error {
	if r.Quick || b.Fault != "deadline" {
		return nil
	}
	metric := map[string]string{"kill": "late_p50", "freeze": "gc_max"}[name]
	for _, system := range []string{interrupted, plain} {
		f := outcome{Value: float64(patience.Milliseconds()), End: unending}
		limited, cancel := context.WithTimeout(ctx, patience+deadline)
		cmd, err := r.Command(limited, name, system, b.Name)
		if err == nil {
			var out []byte
			if out, err = cmd.Output(); err == nil {
				err = json.Unmarshal(out, &f)
			} else if limited.Err() != nil {
				err = ctx.Err() // it was ended, which is a figure
			}
		}
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", b.Name, system, err)
		}
		want := unending
		if f.End == b.Fault {
			want = b.Fault
		}
		if err := r.Verify(system, b.Name, []byte(f.End), []byte(want)); err != nil {
			return err
		}
		r.Print(bench.Row{System: system, Variant: b.Name, Metric: metric, Value: f.Value, Unit: "ms", N: 1})
	}
	return nil
}

// unending is the end of a guest that nothing ends but the end of its process.
const unending = "not within two seconds"

// outcome is what a peer's process says.
type outcome struct {
	Value float64 // in ms
	End   string  // what the guest ended in
}

// child is the other side of peers.
func child(ctx context.Context, _ *bench.Run, args []string) error {
	list, err := bombs.All()
	if err != nil {
		return err
	}
	for i := range list {
		if len(args) == 3 && list[i].Name == args[2] {
			out, err := peer(ctx, args[0], args[1], &list[i])
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(out)
		}
	}
	return fmt.Errorf("hold: %q are not CASE SYSTEM BOMB", args)
}

func peer(ctx context.Context, name, system string, b *bombs.Bomb) (out outcome, err error) {
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCloseOnContextDone(system == interrupted).WithMemoryLimitPages(1024))
	code, err := rt.CompileModule(ctx, b.Wasm)
	if err != nil {
		return out, err
	}
	limited, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	explode := func() {
		mod, err := rt.InstantiateModule(limited, code, wazero.NewModuleConfig())
		if err == nil {
			_, err = mod.ExportedFunction("run").Call(limited)
		}
		out.End = fmt.Sprint(err)
		if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
			out.End = "deadline"
		}
	}
	began := time.Now()
	if name == "freeze" {
		out.Value = bench.Quantile(watch(deadline, explode).gc, 1)
		return out, nil
	}
	explode()
	out.Value = ms(time.Since(began) - deadline)
	return out, nil
}
