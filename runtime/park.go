package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

// Parked is what an instance is while nobody calls it: what it has in memory and in globals that the
// module's snapshot has not, and nothing of an engine's. It belongs to the process that it was made
// in, and is not changed by anything. It is safe for concurrent use. Whoever has it closes it, when it was resumed or is not
// wanted any more: until then it counts in the pool.
type Parked struct {
	mod   *Module
	bytes uint64
	state atomic.Pointer[parkedState] // nil when it was closed
}

// parkedState is never changed.
type parkedState struct {
	patch   *memory.Patch // nil without a memory
	globals []uint64
	clock   clock
	stats   Stats
}

// ErrNoPark says that an instance cannot be parked: it was not made by Module.Get, has no
// snapshot, or has changed something that is kept in neither memory nor a global.
var ErrNoPark = errors.New("runtime: the instance cannot be parked")

// Park takes what the instance has become, and closes it: its guest goes back to the pool, for
// somebody else. Resume makes an instance that goes on where this one was. After an error, which is
// ErrNoPark but for a dead or closed instance or one that is in a call, the instance is as before.
func (in *Instance) Park() (*Parked, error) {
	if err := in.acquire(); err != nil {
		return nil, err
	}
	defer in.quit()
	s, err := in.park()
	if err != nil {
		return nil, err
	}
	p := &Parked{mod: in.mod, bytes: s.resident()}
	p.state.Store(s)
	p.mod.rt.pool.keepBytes(p.bytes)
	in.phase.Or(isClosed) // quit gives the guest back
	return p, nil
}

// park copies the instance's state. The caller has the instance as for a call.
func (in *Instance) park() (*parkedState, error) {
	if in.dead != nil {
		return nil, in.dead
	}
	if in.snap == nil || in.isAltered() || in.stdin != nil {
		return nil, ErrNoPark
	}
	s := &parkedState{globals: make([]uint64, len(in.globals)), clock: in.clock, stats: in.stats}
	for i, g := range in.globals {
		s.globals[i] = g.Get()
	}
	if in.snap.image != nil {
		if size := in.mem.Size(); size != in.snap.image.Size() && !in.eng.Resize(size) {
			return nil, ErrNoPark // this engine could not make a memory of that length again
		}
		var err error
		if s.patch, err = in.mem.Diff(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoPark, err)
		}
	}
	return s, nil
}

// resident is about how many bytes it takes, with the Parked around it.
func (s *parkedState) resident() uint64 {
	n := uint64(unsafe.Sizeof(Parked{})+unsafe.Sizeof(*s)) + uint64(8*len(s.globals))
	if s.patch != nil {
		n += s.patch.Bytes()
	}
	return n
}

// Bytes is about how much memory it takes until it is closed.
func (p *Parked) Bytes() uint64 { return p.bytes }

// Close says that it is not wanted any more. Instances that it became are not touched. Closing it again does nothing.
func (p *Parked) Close() {
	if p.state.Swap(nil) != nil {
		p.mod.rt.pool.loseBytes(p.bytes)
	}
}

// Resume is Module.Get for an instance that goes on where the parked one was. opts should be what
// that one was made with. Its clock is the parked one's, and its Stats go on as well.
func (p *Parked) Resume(ctx context.Context, opts *InstanceOptions) (*Instance, error) {
	s := p.state.Load()
	if s == nil {
		return nil, ErrClosed
	}
	size := uint64(0)
	if s.patch != nil {
		size = s.patch.Size()
	}
	in, err := p.mod.get(ctx, opts, size)
	if err != nil {
		return nil, err
	}
	if err := in.become(s); err != nil {
		_ = in.Close(ctx) // it is not running; the first error is the answer
		return nil, err
	}
	return in, nil
}

// become makes a clean instance one that was parked.
func (in *Instance) become(s *parkedState) error {
	if err := in.acquire(); err != nil {
		return err // it is closed: nobody else has it but the module
	}
	defer in.quit()
	if in.snap == nil {
		return ErrNoPark
	}
	if s.patch != nil {
		if size := s.patch.Size(); in.mem.Size() != size && !in.eng.Resize(size) {
			return fmt.Errorf("%w: its memory of %d bytes does not come back", ErrNoPark, size)
		}
		if err := in.mem.Apply(s.patch); err != nil {
			return fmt.Errorf("%w: %w", ErrNoPark, err)
		}
	}
	for i, v := range s.globals {
		in.globals[i].Set(v)
	}
	in.stats = s.stats
	in.clock.born, in.clock.last = s.clock.born, s.clock.last
	return nil
}
