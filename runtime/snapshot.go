package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/runtime/memory"
)

// A snapshot is a guest that has started and has not served anybody: its memory, without the
// pages that are zero, and its mutable globals. There is none of tables, segments or open files: a
// module that changes those as it starts has no snapshot.
//
// It is taken without anybody being served: no State, no host functions, no arguments. So there
// is nothing in it that is anybody's, but for time and random bytes, which are the same for all
// that are made from it.
type snapshot struct {
	image   *memory.Image // nil without a memory
	globals []uint64      // in the order of Module.globals
	mono    int64         // what the guest's clock had come to
	random  bool          // the guest has random bytes in it
}

// snapshots is how a module comes by its snapshot.
type snapshots struct {
	turn chan struct{} // whoever is in it may take one
	done bool
	snap *snapshot // nil: the module has none
}

func (s *snapshots) lock(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *snapshots) unlock() { <-s.turn }

// snapshot returns the module's snapshot, and takes it the first time. It is nil if there is none:
// then every instance starts by itself. An error says that it is not known yet.
func (m *Module) snapshot(ctx context.Context, principal string) (*snapshot, error) {
	if err := m.snaps.lock(ctx); err != nil {
		return nil, fmt.Errorf("runtime: waiting for the module's snapshot: %w", err)
	}
	defer m.snaps.unlock()
	if m.snaps.done {
		return m.snaps.snap, nil
	}
	snap, err := m.takeSnapshot(ctx, principal)
	if err != nil && !isFinal(err) {
		return nil, err
	}
	m.setSnapshot(snap)
	return snap, nil
}

// isFinal tells an end that a module will always come to from one that was the host's or the
// caller's.
func isFinal(err error) bool {
	var (
		fault *Fault
		exit  *ExitError
		no    *GuestError
	)
	if errors.As(err, &fault) {
		return fault.Kind != FaultDeadline && fault.Kind != FaultCanceled
	}
	return errors.As(err, &exit) || errors.As(err, &no)
}

// takeSnapshot starts an instance for nobody.
func (m *Module) takeSnapshot(ctx context.Context, principal string) (*snapshot, error) {
	in, err := m.newInstance(&InstanceOptions{Principal: principal})
	if err != nil {
		return nil, err
	}
	defer in.Close(context.Background()) // it is not running: closing it cannot fail
	in.seal()
	if err := in.start(ctx, m.newGuest(in), &InstanceOptions{}); err != nil {
		return nil, err
	}
	if err := in.acquire(); err != nil {
		return nil, err // it is closed: nobody else has it but the module
	}
	defer in.quit()
	if in.isAltered() {
		return nil, nil
	}
	s := &snapshot{globals: make([]uint64, len(in.globals)), mono: in.clock.last, random: in.drew}
	for i, g := range in.globals {
		s.globals[i] = g.Get()
	}
	if m.info.Memory != nil {
		var err error
		if s.image, err = memory.NewImage(in.mem.Bytes()); err != nil {
			return nil, fmt.Errorf("runtime: snapshot: %w", err)
		}
	}
	return s, nil
}

// seal keeps an instance from calling the host, and what its guest says from being heard, until it is
// unsealed: who it will belong to is not known, or it is not the guest's business yet.
func (in *Instance) seal() (unseal func()) {
	limits, stdout, stderr := in.limits, in.stdout.w, in.stderr.w
	sealed := *limits
	sealed.HostCalls = 0
	in.limits, in.stdout.w, in.stderr.w = &sealed, nil, nil
	return func() { in.limits, in.stdout.w, in.stderr.w = limits, stdout, stderr }
}

// revive makes a guest, which has just been instantiated, what the snapshot says.
func (g *guest) revive(s *snapshot) error {
	if g.isAltered() {
		return errUnlike
	}
	if s.image != nil {
		if size := s.image.Size(); g.mem.Size() != size && !g.eng.Resize(size) {
			return errUnlike
		}
		if err := g.mem.Load(s.image); err != nil {
			return fmt.Errorf("runtime: snapshot: %w", err)
		}
	}
	for i, v := range s.globals {
		g.globals[i].Set(v)
	}
	g.snap = s
	return nil
}

// errUnlike says that a new guest is not one that the snapshot can be put over.
var errUnlike = errors.New("runtime: the module starts differently each time")

// setSnapshot says what the module's snapshot is. The caller has the turn.
func (m *Module) setSnapshot(s *snapshot) {
	m.snaps.done, m.snaps.snap = true, s
	if n := s.resident(); n > 0 {
		m.rt.pool.keepBytes(n)
	}
}

// closeSnapshot frees the snapshot. No guest has it any more, and nobody will take another.
func (m *Module) closeSnapshot() {
	m.snaps.turn <- struct{}{} // who is in there was stopped
	defer m.snaps.unlock()
	s := m.snaps.snap
	m.snaps.done, m.snaps.snap = true, nil
	if n := s.resident(); n > 0 {
		s.image.Close()
		m.rt.pool.loseBytes(n)
	}
}

// resident is how many bytes a snapshot takes, once for all guests that are made from it.
func (s *snapshot) resident() uint64 {
	if s == nil || s.image == nil {
		return 0
	}
	return max(s.image.Resident(), 1)
}
