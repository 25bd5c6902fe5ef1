package engine

import (
	"context"
	"crypto/rand"
	"io"
	"math"
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

// A work is a parameter that says how many things a function of WASI has to go through: at most so many, and
// each of them at a price in fuel of half a nanosecond.
type work struct {
	param       int
	most, price uint32
}

// Many are more than anybody has: a readv of Linux takes 1,024. Random bytes are any number, and the time is looked at while they are made.
const (
	mostPolled  = 1024
	mostBuffers = 1 << 16
	mostPath    = 1 << 16 // bytes
)

// toil has the functions that do as much as the guest asks for, also where that comes to nothing.
var toil = map[string][]work{
	"poll_oneoff":             {{2, mostPolled, 400}},
	"fd_read":                 {{2, mostBuffers, 10}},
	"fd_pread":                {{2, mostBuffers, 10}},
	"fd_write":                {{2, mostBuffers, 10}},
	"fd_pwrite":               {{2, mostBuffers, 10}},
	"random_get":              {{1, math.MaxUint32, 3}},
	"path_create_directory":   {{2, mostPath, 10}},
	"path_filestat_get":       {{3, mostPath, 10}},
	"path_filestat_set_times": {{3, mostPath, 10}},
	"path_link":               {{3, mostPath, 10}, {6, mostPath, 10}},
	"path_open":               {{3, mostPath, 10}},
	"path_readlink":           {{2, mostPath, 10}},
	"path_remove_directory":   {{2, mostPath, 10}},
	"path_rename":             {{2, mostPath, 10}, {5, mostPath, 10}},
	"path_symlink":            {{1, mostPath, 10}, {4, mostPath, 10}},
	"path_unlink_file":        {{2, mostPath, 10}},
}

// watch returns a context for instantiating WASI such that cfg.Touched hears of what is not harmless, and cfg.Toil of what is toil.
func watch(ctx context.Context, cfg *Config) context.Context {
	return experimental.WithFunctionListenerFactory(ctx, listeners{cfg})
}

type listeners struct{ cfg *Config }

// NewFunctionListener implements experimental.FunctionListenerFactory.
func (l listeners) NewFunctionListener(def api.FunctionDefinition) experimental.FunctionListener {
	names := def.ExportNames()
	if len(names) != 1 {
		return nil
	}
	name, touched, asked := names[0], l.cfg.Touched, l.cfg.Toil
	works := toil[name]
	if slices.Contains(harmless, name) {
		touched = nil
	}
	if asked == nil {
		works = nil
	}
	if touched == nil && works == nil {
		return nil
	}
	return experimental.FunctionListenerFunc(
		func(ctx context.Context, _ api.Module, _ api.FunctionDefinition, params []uint64, _ experimental.StackIterator) {
			for _, w := range works {
				n := uint32(params[w.param])
				asked(ctx, &Toil{Func: name, Things: n, Most: w.most, Fuel: uint64(n) * uint64(w.price)})
			}
			if touched != nil {
				touched(ctx)
			}
		})
}

type onlyReader struct{ io.Reader }

type onlyWriter struct{ io.Writer }
