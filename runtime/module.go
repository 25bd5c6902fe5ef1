package runtime

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// A Module is a compiled module. It is safe for concurrent use. Whoever compiled it
// closes it, or leaves that to the Runtime.
type Module struct {
	rt          *Runtime
	code        engine.Module
	info        *Info
	limits      *Limits
	compileTime time.Duration
	exports     map[string]*Export // functions only
	globals     []globalExport     // the numeric mutable globals
	digest      [sha256.Size]byte  // of the bytes that it was compiled of
	first       string             // what Options.Start names, or ""
	firstArgs   []uint64
	table       *funcTable    // nil without Options.Profile
	overhead    uint64        // about what an instance takes besides its memory
	peak        atomic.Uint64 // bytes of memory that the last guest to go had at most

	snaps     snapshots
	shelf     shelf
	instances members[*Instance]
	mu        sync.Mutex
	freed     bool
}

func newModule(rt *Runtime, code *sharedCode, limits *Limits) *Module {
	p := code.prepared
	m := &Module{rt: rt, code: code, info: p.info, limits: limits, digest: code.digest,
		exports: map[string]*Export{}, globals: p.globals, table: p.table, snaps: snapshots{turn: make(chan struct{}, 1)}}
	m.overhead = 16<<10 + 64*(p.info.Tables+uint64(p.functions))
	for i := range p.info.Exports {
		if e := &p.info.Exports[i]; e.Kind == wasm.KindFunc {
			m.exports[e.Name] = e
		}
	}
	if rt.start != nil {
		m.first, m.firstArgs = rt.start(m.info)
	}
	return m
}

// funcName makes "function 5" of the "$6" that an engine calls a function without a name or an
// export: it counts the import that metering adds behind those of the module.
func (m *Module) funcName(frame string) string {
	digits, ok := strings.CutPrefix(frame, "$")
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil {
		return frame
	}
	if n > uint64(len(m.info.Imports)) {
		n--
	}
	return fmt.Sprintf("function %d", n)
}

// Info is what the module says of itself. It must not be changed.
func (m *Module) Info() *Info { return m.info }

// Limits are those that the module's instances have.
func (m *Module) Limits() Limits { return *m.limits }

// CompileTime is how long it took to check and compile the module.
func (m *Module) CompileTime() time.Duration { return m.compileTime }

// Close closes every instance, stopping those that run, and frees the code. If ctx ends
// before they have stopped, its error is returned, nothing is freed under a running
// guest, and Close can be called again.
func (m *Module) Close(ctx context.Context) error {
	if err := m.instances.close(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freed {
		return nil
	}
	m.freed = true
	m.rt.modules.remove(m)
	m.rt.pool.forget(&m.shelf)
	m.closeSnapshot()
	return m.code.Close(ctx)
}
