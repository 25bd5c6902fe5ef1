package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

// Policy is what the host allows to every sandbox of a plugin, whatever the plugin says. The zero
// value is the default policy: each limit has a default that holds when nobody has set it.
type Policy struct {
	Limits    *runtime.Limits     // of a call and an instance; nil, and zero fields: runtime.DefaultLimits
	FuelRate  uint64              // units of fuel a second that a sandbox and its jobs use in the long run, default 5,000,000,000
	Tree      *abi.TreeLimits     // of what is shown; nil, and zero fields: the defaults of abi
	HostFuncs hostfuncs.Limits    // of what host functions do for it
	Services  *hostfuncs.Services // what stands behind the capabilities; nil: nothing does
	Queue     int                 // pieces of work that may wait, default 256
	ShowBytes int                 // bytes of trees and pixels, and of surfaces that get another size, in one call, default 128 MiB
	Asset     int64               // bytes of one asset, default 4 MiB
	State     int                 // bytes that go over to another version, default 1 MiB
	Rules     *Rules              // what the host allows; nil does not restrict. SetRules changes it
	Audit     *Audit              // where denials are recorded; nil: one of the plugin's own
	Counters  *Counters           // where calls and faults are counted; nil: of the plugin's own
	Ceilings  *runtime.Limits     // up to where a manifest's wishes raise Limits; nil, and zero fields: they do not
	Versions  Versions            // what a manifest's minHostVersion and engine are held against
	Jobs      int                 // that run at a time for the plugin, default 4
	JobTime   time.Duration       // of one job, default 5 min
	Logger    *slog.Logger        // nil discards

	// A sandbox that has had nothing to do for Idle gives its guest to others and keeps only what the
	// plugin has written, until there is work again; one that nobody sees, after HiddenIdle; and sooner when
	// the runtime's Pool has no room for others. Default 30 s and 2 s; below zero is never.
	Idle, HiddenIdle time.Duration
}

func (p *Policy) orDefaults() Policy {
	var out Policy
	if p != nil {
		out = *p
	}
	out.FuelRate = cmp.Or(out.FuelRate, 5_000_000_000)
	if out.Queue <= 0 {
		out.Queue = 256
	}
	if out.ShowBytes <= 0 {
		out.ShowBytes = 128 << 20
	}
	if out.Asset <= 0 {
		out.Asset = 4 << 20
	}
	if out.State <= 0 {
		out.State = 1 << 20
	}
	if out.Audit == nil {
		out.Audit = NewAudit()
	}
	if out.Counters == nil {
		out.Counters = NewCounters()
	}
	if out.Jobs <= 0 {
		out.Jobs = 4
	}
	if out.JobTime <= 0 {
		out.JobTime = 5 * time.Minute
	}
	if out.Idle == 0 {
		out.Idle = 30 * time.Second
	}
	if out.HiddenIdle == 0 {
		out.HiddenIdle = 2 * time.Second
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	return out
}

// Plugin is a plugin that has been checked and compiled: what sandboxes are made of. It is safe for
// concurrent use. Whoever loaded it closes it.
type Plugin struct {
	manifest *abi.Manifest
	module   *runtime.Module
	pkg      fs.FS
	policy   Policy
	limits   runtime.Limits
	logger   *slog.Logger
	tally    *tally

	rules atomic.Pointer[Rules] // of the host

	mu    sync.Mutex
	boxes map[*Sandbox]struct{} // that have not given everything back
	jobs  chan struct{}         // a place for each job that may run
}

// Load reads the manifest and the module from a plugin's folder or package, checks that the module
// imports only what the manifest declares, and compiles it. A plugin should have a Runtime of its
// own, made with hostfuncs.Functions. What is wrong is found by errors.As: an *abi.ManifestError, an
// *ImportError, a *runtime.InvalidError or a *runtime.SnapshotError; a file that is missing matches fs.ErrNotExist. A nil
// policy is the default one. When ctx is done, nothing is compiled.
func Load(ctx context.Context, rt *runtime.Runtime, pkg fs.FS, policy *Policy) (*Plugin, error) {
	manifest, err := readManifest(pkg)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	p := &Plugin{manifest: manifest, pkg: pkg, policy: policy.orDefaults(), boxes: map[*Sandbox]struct{}{}}
	if err := p.policy.check(manifest); err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: %w", manifest.ID, err)
	}
	p.rules.Store(p.policy.Rules)
	p.tally = p.policy.Counters.of(manifest.ID)
	p.policy.Limits = wished(p.policy.Limits, p.policy.Ceilings, &manifest.Runtime)
	p.jobs = make(chan struct{}, p.policy.Jobs)
	p.logger = p.policy.Logger.With("plugin", manifest.ID, "version", manifest.Version)
	if err := p.compile(ctx, rt); err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: %w", manifest.ID, err)
	}
	return p, nil
}

func readManifest(pkg fs.FS) (*abi.Manifest, error) {
	b, err := readFile(pkg, abi.ManifestName, abi.MaxManifest)
	if err != nil {
		return nil, err
	}
	return abi.ParseManifest(b)
}

func (p *Plugin) compile(ctx context.Context, rt *runtime.Runtime) error {
	name := p.manifest.Runtime.Wasm
	code, err := readFile(p.pkg, name, int64(moduleSize(p.policy.Limits)))
	if err != nil {
		return err
	}
	info, err := runtime.Inspect(code)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := CheckImports(info, p.manifest); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if p.module, err = rt.Compile(ctx, code, p.policy.Limits); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.limits = p.module.Limits()
	if err := p.begin(name); err != nil {
		_ = p.module.Close(context.WithoutCancel(ctx)) // it has no instance; the first error is the answer
		return err
	}
	return nil
}

// SnapshotSuffix is what is added to the name of a module for that of the snapshot that a package may
// have of it: what has become of the module when it has started, so that it need not.
const SnapshotSuffix = ".snapshot"

// begin takes the package's snapshot, if it has one. The package is whoever's the module is: it is believed no
// more than that.
func (p *Plugin) begin(module string) error {
	name := module + SnapshotSuffix
	b, err := readFile(p.pkg, name, int64(p.module.SnapshotSize()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = p.module.UseSnapshot(b)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func moduleSize(l *runtime.Limits) uint64 {
	if l != nil && l.ModuleSize > 0 {
		return l.ModuleSize
	}
	return runtime.DefaultLimits().ModuleSize
}

// errTooLarge says that a file has more bytes than may be read.
var errTooLarge = errors.New("too large")

// readFile reads a file of a package that has at most most bytes.
func readFile(pkg fs.FS, name string, most int64) ([]byte, error) {
	f, err := pkg.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // was only read from
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s: %w: at most %d bytes are read", name, errTooLarge, most)
	}
	return b, nil
}

// Manifest is what the plugin says of itself. It must not be changed.
func (p *Plugin) Manifest() *abi.Manifest { return p.manifest }

// Module is the compiled module.
func (p *Plugin) Module() *runtime.Module { return p.module }

// Asset reads a file that the manifest lists; any other name is fs.ErrNotExist, whatever the folder
// holds.
func (p *Plugin) Asset(name string) ([]byte, error) {
	if !slices.Contains(p.manifest.Assets, name) {
		return nil, fmt.Errorf("sandbox: plugin[%s]: asset %s: %w", p.manifest.ID, quoted(name), fs.ErrNotExist)
	}
	b, err := readFile(p.pkg, name, p.policy.Asset)
	if err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: asset %w", p.manifest.ID, err)
	}
	return b, nil
}

// Close stops every sandbox of the plugin that still runs and frees the code. If ctx ends before
// they have stopped, its error is returned and Close can be called again.
func (p *Plugin) Close(ctx context.Context) error { return p.module.Close(ctx) }
