package engine

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"
)

// WASIModule is the import module that may always be linked: what it reaches is
// what System gives it.
const WASIModule = "wasi_snapshot_preview1"

// wazeroConfig gives the instance what System has, and nothing of the process's own:
// wazero's defaults are no files, no arguments, no environment and fake clocks.
func wazeroConfig(s *System) wazero.ModuleConfig {
	res := sys.ClockResolution(max(s.Resolution, 1))
	random := s.Random
	if random == nil {
		random = rand.Reader
	}
	c := wazero.NewModuleConfig().
		WithName("").         // so that a module can have many instances
		WithStartFunctions(). // the runtime calls _initialize and _start itself
		WithRandSource(random).
		WithArgs(s.Args...)
	if s.Wall != nil {
		c = c.WithWalltime(s.Wall, res)
	}
	if s.Mono != nil {
		c = c.WithNanotime(s.Mono, res)
	}
	if s.Sleep != nil {
		c = c.WithNanosleep(s.Sleep)
	}
	for _, kv := range s.Env {
		c = c.WithEnv(kv[0], kv[1])
	}
	// wazero looks into an *os.File and polls it, for ever if the guest likes; what
	// only reads or only writes it leaves alone.
	if s.Stdin != nil {
		c = c.WithStdin(onlyReader{s.Stdin})
	}
	if s.Stdout != nil {
		c = c.WithStdout(onlyWriter{s.Stdout})
	}
	if s.Stderr != nil {
		c = c.WithStderr(onlyWriter{s.Stderr})
	}
	if len(s.Dirs) > 0 {
		fc, open := wazero.NewFSConfig(), new(atomic.Int32)
		for _, d := range s.Dirs {
			fc = fc.WithFSMount(newFiles(d.Root, open), d.Guest)
		}
		c = c.WithFSConfig(fc)
	}
	return c
}

// harmless are the functions of WASI after which an instance is as it was, unless one was called before
// that is not here, because it opens, closes or moves something, or is new. The flags of the standard
// streams, which every Go guest tries to set as it starts, are nobody's: they are no files here.
var harmless = []string{
	"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_res_get", "clock_time_get",
	"fd_fdstat_get", "fd_fdstat_set_flags", "fd_filestat_get", "fd_prestat_get", "fd_prestat_dir_name", "fd_read", "fd_tell", "fd_write",
	"path_filestat_get", "path_readlink", "poll_oneoff", "proc_exit", "proc_raise", "random_get", "sched_yield",
}

// watch returns a context for instantiating WASI such that touched hears of what is not harmless.
func watch(ctx context.Context, touched func(context.Context)) context.Context {
	if touched == nil {
		return ctx
	}
	return experimental.WithFunctionListenerFactory(ctx, listeners(touched))
}

type listeners func(context.Context)

// NewFunctionListener implements experimental.FunctionListenerFactory.
func (l listeners) NewFunctionListener(def api.FunctionDefinition) experimental.FunctionListener {
	if names := def.ExportNames(); len(names) == 1 && slices.Contains(harmless, names[0]) {
		return nil
	}
	return experimental.FunctionListenerFunc(
		func(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64, _ experimental.StackIterator) {
			l(ctx)
		})
}

type onlyReader struct{ io.Reader }

type onlyWriter struct{ io.Writer }
