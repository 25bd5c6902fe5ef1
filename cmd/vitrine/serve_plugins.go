package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// shelf holds what is served.
type shelf struct {
	logger  *slog.Logger
	sched   *runtime.Scheduler // of all plugins: the processor is one
	compile *runtime.Compiler  // likewise
	pool    *runtime.Pool      // likewise: memory is one
	mu      sync.Mutex         // of places, once they are served
	places  map[string]host.Place
	sets    []dataSet // of the demo
	folders []*folder // plugins that can be read again
	world   *hostfuncs.Services
	shown   *abi.HostComponents // components of the page's own that the folders' plugins may render
	closers []func(context.Context) error

	audit    *sandbox.Audit    // of all plugins
	counters *sandbox.Counters // likewise

	host atomic.Pointer[host.Host] // once there is one
}

func newShelf(logger *slog.Logger, compiler *runtime.Compiler) (*shelf, error) {
	sched, err := runtime.NewScheduler(nil)
	if err != nil {
		return nil, err
	}
	pool, err := runtime.NewPool(nil)
	return &shelf{logger: logger, sched: sched, compile: compiler, pool: pool, places: map[string]host.Place{}, sets: []dataSet{}, world: &hostfuncs.Services{},
		audit: sandbox.NewAudit(), counters: sandbox.NewCounters()}, err
}

// close gives the plugins back, last first.
func (s *shelf) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c(ctx))
	}
	return errors.Join(errs...)
}

// load makes a plugin ready in a runtime of its own.
func (s *shelf) load(ctx context.Context, pkg fs.FS, limits *runtime.Limits) (*sandbox.Plugin, error) {
	plugin, end, err := s.start(ctx, pkg, limits)
	if err == nil {
		s.closers = append(s.closers, end)
	}
	return plugin, err
}

// start is load for who ends it.
func (s *shelf) start(ctx context.Context, pkg fs.FS, limits *runtime.Limits) (*sandbox.Plugin, func(context.Context) error, error) {
	rt, err := runtime.New(&runtime.Options{Logger: s.logger, HostFuncs: hostfuncs.Functions(),
		Scheduler: s.sched, Compiler: s.compile, Pool: s.pool})
	if err != nil {
		return nil, nil, err
	}
	plugin, err := sandbox.Load(ctx, rt, pkg, &sandbox.Policy{Limits: limits, Logger: s.logger, Services: s.world, Audit: s.audit, Counters: s.counters})
	if err != nil {
		return nil, nil, errors.Join(err, rt.Close(context.WithoutCancel(ctx)))
	}
	return plugin, rt.Close, nil
}

// addFolder adds the plugin in a folder, under its id. Links in the folder do not lead out of it.
func (s *shelf) addFolder(ctx context.Context, dir string, granted []string) error {
	f := &folder{dir: dir, granted: granted}
	plugin, err := f.open(ctx, s)
	if err != nil {
		return err
	}
	s.folders = append(s.folders, f)
	s.closers = append(s.closers, func(ctx context.Context) error { return f.close(ctx) })
	m := plugin.Manifest()
	if _, there := s.places[m.ID]; there {
		return &exitError{exitUsage, fmt.Errorf("%s: there is a plugin %q already", dir, m.ID), ""}
	}
	grants, permissions, err := grantedRights(granted, m)
	if err != nil {
		return err
	}
	f.place = m.ID
	s.places[m.ID] = host.Place{Plugin: plugin, Grants: grants, Permissions: permissions, Components: s.shown}
	return nil
}

// plugin is the version that a place shows now.
func (s *shelf) plugin(place string) *sandbox.Plugin {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places[place].Plugin
}

// folder is the folder that a place's plugin was read from, nil if it was not.
func (s *shelf) folder(place string) *folder {
	for _, f := range s.folders {
		if f.place == place {
			return f
		}
	}
	return nil
}

// pluginError gives an error of sandbox.Load its exit code.
func pluginError(dir string, err error) error {
	_, code := judge(err)
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		hint = "a plugin's folder has a " + abi.ManifestName + " and its module; vitrine build " + dir + " makes one from Go"
	}
	return &exitError{code, loadWords(dir, err), hint}
}
