package runtime

import (
	"container/list"
	"context"
	"errors"
	"io"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/meter"
)

// A guest is what runs: an engine's instance and its memory. An Instance is somebody's right to
// use one, and one guest may serve many of them, one after the other: see Pool. What the engine
// asks of the world it asks the guest, which asks the Instance that it belongs to.
type guest struct {
	mod   *Module
	in    *Instance // nil while it waits in the pool
	eng   engine.Instance
	mem   *memory.Memory
	funcs map[string]*function
	last  *function // that Call called
	alloc *function // vitrine_alloc, once it was called

	fuel, depth, refused engine.Global   // see tank
	altered              engine.Global   // nil if nothing can be that no snapshot holds
	globals              []engine.Global // what a snapshot holds, in the order of Module.globals

	snap    *snapshot // what it is put back to; nil if it never serves again
	touched bool      // WASI holds something for it
	drew    bool      // it asked for random bytes
	deep    bool      // a function has a stack that grew
	crowded bool      // it was refused memory because the pool has no more, in this call

	place *place        // in the pool; nil if it has none, or is not in use
	cost  uint64        // bytes that it holds while it is not in use
	since time.Time     // when that began
	aged  *list.Element // where it is in Pool.idle
}

// newGuest returns one for the instance, and perhaps for others after it: there is room for what each of them may have.
func (m *Module) newGuest(in *Instance) *guest {
	g := &guest{mod: m, in: in, mem: memory.New(max(in.limits.Memory, m.limits.Memory)), funcs: map[string]*function{}}
	g.mem.SetLimit(in.limits.Memory)
	g.mem.Ask = g.mayHave
	return g
}

// newLoner returns one that belongs to no pool. Its memory may begin with pages that another guest has had.
func (m *Module) newLoner(in *Instance) *guest {
	likely := m.peak.Load()
	if mem := m.info.Memory; mem != nil {
		likely = max(likely, mem.Min)
	}
	g := m.newGuest(in)
	g.mem = m.rt.pool.memories.New(in.limits.Memory, likely)
	return g
}

// mayHave tells whether there is room for so much memory among all guests.
func (g *guest) mayHave(size uint64) bool {
	ok := g.place == nil || g.mod.rt.pool.extend(g.place, g.mod.overhead+size)
	g.crowded = g.crowded || !ok
	return ok
}

// connect finds what is looked up once a guest, when its start section has run.
func (g *guest) connect(eng engine.Instance) {
	g.eng = eng
	g.fuel, g.depth = eng.Global(meter.ExportFuel), eng.Global(meter.ExportDepth)
	g.refused, g.altered = eng.Global(meter.ExportRefused), eng.Global(meter.ExportAltered)
	g.globals = make([]engine.Global, len(g.mod.globals))
	for i, own := range g.mod.globals {
		g.globals[i] = eng.Global(own.name)
	}
}

// isAltered tells whether there is something in it that cannot be put back.
func (g *guest) isAltered() bool { return g.touched || g.altered != nil && g.altered.Get() != 0 }

// world is what the engine sees of it.
func (g *guest) world() *engine.System {
	return &engine.System{
		Memory: g.mem, Random: guestRandom{g}, Stdin: guestStdin{g}, Stdout: guestStdout{g}, Stderr: guestStderr{g},
		Wall:       func() (int64, int32) { return g.in.clock.wall() },
		Mono:       func() int64 { return g.in.clock.mono() },
		Sleep:      func(ns int64) { g.in.sleep(ns) },
		Grown:      g.grown,
		Resolution: uint32(clockStep),
	}
}

// grown is what the engine calls when memory grew; while nobody has the guest it is the pool's doing.
func (g *guest) grown() {
	if in := g.in; in != nil && in.guest == g {
		in.grown()
	}
}

// touch is what the engine calls when WASI is about to change something in a guest.
func touch(ctx context.Context) { instanceOf(ctx).guest.touched = true }

// putBack makes the guest what its snapshot says, whatever the last one to have it did. It answers
// false if that cannot be: then it must never serve again.
func (g *guest) putBack(end error) bool {
	if g.snap == nil || g.isAltered() || !survivable(end) {
		return false
	}
	now := g.mem.Size()
	resident, err := g.mem.Reset()
	if err != nil || g.mem.Size() != now && !g.eng.Resize(g.mem.Size()) {
		return false
	}
	for i, v := range g.snap.globals {
		g.globals[i].Set(v)
	}
	if g.deep {
		g.shed(nil)
	}
	g.cost = resident + g.mod.overhead + uint64(len(g.funcs))*stackCost
	return true
}

// stackCost is about what a function holds once it was called: wazero gives each a stack of its own.
const stackCost = 10 << 10

// shed forgets all functions but one, and with them their stacks: one that has been grown does not
// shrink, counts against no limit, and there is one for every export that was called. The function that
// calls itself deeply each time keeps its own as long as somebody has the guest.
func (g *guest) shed(but *function) {
	for name, f := range g.funcs {
		if f != but {
			delete(g.funcs, name)
		}
	}
	if g.last != but {
		g.last = nil
	}
	if g.alloc != but {
		g.alloc = nil
	}
	g.deep = but != nil
}

// leave ends the guest's time with an Instance, which ended as end says.
func (g *guest) leave(end error) {
	switch {
	case g.place == nil:
		g.free()
	case g.putBack(end):
		g.mod.rt.pool.put(g)
	default:
		g.mod.rt.pool.drop(g)
	}
}

// survivable tells whether the engine's side of a guest is whole after what ended its Instance.
func survivable(end error) bool {
	if end == nil {
		return true
	}
	var f *Fault
	if !errors.As(end, &f) {
		return false // it exited, and the engine has closed it
	}
	switch f.Kind {
	case FaultError, FaultInvalid, FaultStack:
		return false // perhaps a bug of the engine; and a stack that grew stays as large as it is
	}
	return true
}

// free gives everything back. Nothing runs in it.
func (g *guest) free() {
	if g.eng != nil {
		_ = g.eng.Close(context.Background()) // frees; what could fail is our own Free
		g.eng = nil
	}
	g.mod.peak.Store(g.mem.Peak())
	g.mem.Release()
}

// The streams of WASI, as those of the Instance that the guest belongs to.
type (
	guestRandom struct{ *guest }
	guestStdin  struct{ *guest }
	guestStdout struct{ *guest }
	guestStderr struct{ *guest }
)

func (g guestRandom) Read(p []byte) (int, error) {
	g.drew = true
	return g.in.random(p)
}

func (g guestStdin) Read(p []byte) (int, error) {
	if g.in.stdin == nil {
		return 0, io.EOF
	}
	return g.in.stdin.Read(p)
}

func (g guestStdout) Write(p []byte) (int, error) { return g.in.stdout.Write(p) }
func (g guestStderr) Write(p []byte) (int, error) { return g.in.stderr.Write(p) }
