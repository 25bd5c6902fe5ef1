package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
)

// The peers: wazero's own interruption, and wazero as it comes.
const (
	interrupted = "wazero-ctx"
	plain       = "wazero"
)

var peerSystems = []string{interrupted, plain}

// patience is how long a peer's process is waited for.
const patience = 2 * time.Second

// peer measures a peer in a process of its own. One that says nothing in time gets
// patience as its figure.
func (b *run) peer(ctx context.Context, name, system string, bo *bomb) {
	metric := map[string]string{"kill": "late_p50", "freeze": "gc_max"}[name]
	r := fig(name, system, bo.name, metric, float64(patience.Milliseconds()), "ms", 1, 0)
	ctx, cancel := context.WithTimeout(ctx, patience+deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-child", name+","+system+","+bo.file)
	if out, err := cmd.Output(); err == nil {
		if v, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64); err == nil {
			r.Value = v
		}
	}
	b.print(r)
}

// runChild is the other side of peer.
func runChild(ctx context.Context, what string, out io.Writer) error {
	part := strings.SplitN(what, ",", 3)
	if len(part) != 3 {
		return fmt.Errorf("child %q is not CASE,SYSTEM,FILE", what)
	}
	wasm, err := os.ReadFile(part[2])
	if err != nil {
		return err
	}
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCloseOnContextDone(part[1] == interrupted).WithMemoryLimitPages(1024))
	code, err := rt.CompileModule(ctx, wasm)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	explode := func() {
		if mod, err := rt.InstantiateModule(limited, code, wazero.NewModuleConfig()); err == nil {
			_, _ = mod.ExportedFunction("run").Call(limited) // how it ends is not compared
		}
	}
	value := 0.0
	if part[0] == "freeze" {
		value = watch(deadline, explode).gc.sort().at(1)
	} else {
		began := time.Now()
		explode()
		value = float64(time.Since(began)-deadline) / 1e6
	}
	_, err = fmt.Fprintln(out, value)
	return err
}
