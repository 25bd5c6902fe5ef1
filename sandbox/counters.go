package sandbox

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// Counters count what the sandboxes that share them do, by plugin: calls, what ended them, and how long they waited for fuel. Labels are few and
// fixed, whatever plugins do. They are safe for concurrent use and need no closing.
type Counters struct {
	mu      sync.Mutex
	plugins map[string]*tally
}

// maxCounted bounds the plugins that are counted by name; further ones are counted together, under none.
const maxCounted = 1024

// NewCounters returns Counters that have counted nothing.
func NewCounters() *Counters { return &Counters{plugins: map[string]*tally{}} }

// A Count is how often something has happened. Of is the kind of call ("mount", "update", "event", "message", "turn",
// "unmount", "save", "restore", "compute" or "job"), or of fault: the runtime's word for it, or "exit", "denied", "refused" (by the plugin),
// "tree" (it cannot be shown) or "host".
type Count struct {
	Plugin, Of string
	N          uint64
}

// callKinds are the kinds of call; compute is every other function, and job one that runs beside the sandbox.
var callKinds = [...]struct{ export, kind string }{
	{abi.ExportMount, "mount"}, {abi.ExportUpdate, "update"}, {abi.ExportEvent, "event"}, {abi.ExportMessage, "message"},
	{abi.ExportTurn, "turn"}, {abi.ExportUnmount, "unmount"}, {abi.ExportSave, "save"}, {abi.ExportRestore, "restore"}, {"", "compute"}, {"", "job"},
}

const (
	asCompute = len(callKinds) - 2
	asJob     = len(callKinds) - 1
)

// tally is what one plugin has done.
type tally struct {
	calls [len(callKinds)]atomic.Uint64

	waits  atomic.Uint64
	waited atomic.Int64 // ns

	mu     sync.Mutex
	faults map[string]uint64
}

// of is the tally of a plugin.
func (c *Counters) of(plugin string) *tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.plugins[plugin]
	if t == nil && len(c.plugins) >= maxCounted {
		plugin = ""
		t = c.plugins[plugin]
	}
	if t == nil {
		t = &tally{faults: map[string]uint64{}}
		c.plugins[plugin] = t
	}
	return t
}

func (t *tally) called(fn string) {
	for i := range callKinds[:asCompute] {
		if callKinds[i].export == fn {
			t.calls[i].Add(1)
			return
		}
	}
	t.calls[asCompute].Add(1)
}

func (t *tally) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[faultKind(err)]++
}

// throttled counts a wait for fuel.
func (t *tally) throttled(d time.Duration) {
	t.waits.Add(1)
	t.waited.Add(int64(d))
}

// faultKind is one of a few words for what ended a plugin.
func faultKind(err error) string {
	var denied *DeniedError
	var fault *runtime.Fault
	var exit *runtime.ExitError
	var guest *runtime.GuestError
	var tree unshown
	switch {
	case errors.As(err, &denied):
		return "denied"
	case errors.As(err, &tree):
		return "tree"
	case errors.As(err, &fault):
		return string(fault.Kind)
	case errors.As(err, &exit):
		return "exit"
	case errors.As(err, &guest):
		return "refused"
	}
	return "host"
}

// Calls returns how often plugins were called, but for what has not happened.
func (c *Counters) Calls() []Count {
	return c.each(func(plugin string, t *tally) (out []Count) {
		for i := range t.calls {
			if n := t.calls[i].Load(); n > 0 {
				out = append(out, Count{plugin, callKinds[i].kind, n})
			}
		}
		return out
	})
}

// Faults returns how often what ended plugins.
func (c *Counters) Faults() []Count {
	return c.each(func(plugin string, t *tally) (out []Count) {
		t.mu.Lock()
		defer t.mu.Unlock()
		for kind, n := range t.faults {
			out = append(out, Count{plugin, kind, n})
		}
		return out
	})
}

// A Wait is how often a plugin was made to wait for fuel because it had used more than Policy.FuelRate, and for how long in all.
type Wait struct {
	Plugin string
	N      uint64
	For    time.Duration
}

// Waits returns them, but for plugins that never had to.
func (c *Counters) Waits() (out []Wait) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for plugin, t := range c.plugins {
		if n := t.waits.Load(); n > 0 {
			out = append(out, Wait{plugin, n, time.Duration(t.waited.Load())})
		}
	}
	return out
}

func (c *Counters) each(counts func(string, *tally) []Count) []Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Count
	for plugin, t := range c.plugins {
		out = append(out, counts(plugin, t)...)
	}
	return out
}
