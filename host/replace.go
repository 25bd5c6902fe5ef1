package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// ReplaceOptions say how a plugin is replaced; nil, and every zero field, is the default.
type ReplaceOptions struct {
	// Remount makes mounts whose state cannot go over start afresh, with a notice for the person. Else they
	// keep running the old version until they end.
	Remount bool
	Probe   time.Duration // that the new version has to show itself to nobody, and for each mount; default 10 s
	Drain   time.Duration // that all mounts together have to go over; default 30 s
}

// Replacement says what became of the mounts that there were.
type Replacement struct {
	Moved int // go on in the new version, with their state
	Fresh int // started afresh in the new version
	Kept  int // run the old version until they end; Close of the old Plugin ends them
}

// ErrReplace is matched by the error of Replace when the new version cannot be mounted at its place: then
// the old one goes on as if nothing had been.
var ErrReplace = errors.New("host: the new version cannot take over")

// Replace puts another version of its plugin at a place. The new one is probed first: it is mounted, with
// the place's grants and props, where nobody sees it; if that fails nothing changes. Then new mounts get
// it, at once, and the mounts that there are go over, one after the other unless one is busy: what the old version saves
// (vitrine_save) the new one restores (vitrine_restore) before it is mounted. Events that come meanwhile wait
// and are answered by the new version; a page sees a new tree and no error. A callback or a setting of the place that
// the new version does not declare any more it does not get.
//
// The old Plugin is still the caller's to close, when Replace has returned. When ctx ends, mounts
// that have not gone over are Kept. One Replace at a place waits for another: when ctx ends before, its error is
// returned and nothing has changed.
func (h *Host) Replace(ctx context.Context, name string, next *sandbox.Plugin, opts *ReplaceOptions) (Replacement, error) {
	o := opts.orDefaults()
	at := h.places[name]
	if at == nil {
		return Replacement{}, fmt.Errorf("host: place[%s]: there is none", name)
	}
	if next == nil {
		return Replacement{}, fmt.Errorf("host: place[%s]: %w", name, errNoPlugin)
	}
	select {
	case at.replacing <- struct{}{}:
		defer func() { <-at.replacing }()
	case <-ctx.Done():
		return Replacement{}, fmt.Errorf("host: place[%s]: waiting for another version to take over: %w", name, ctx.Err())
	}
	if was, is := at.plugin.Load().Manifest().ID, next.Manifest().ID; was != is {
		return Replacement{}, fmt.Errorf("%w: place[%s]: plugin %q is no version of %q", ErrReplace, name, is, was)
	}
	probe, cancel := context.WithTimeout(ctx, o.Probe)
	defer cancel()
	if err := next.Probe(probe, at.options(next, "", nil), abi.MountContext{Locale: "en"}); err != nil {
		return Replacement{}, fmt.Errorf("%w: place[%s]: %w", ErrReplace, name, err)
	}
	if err := at.succeed(next); err != nil { // props may have changed meanwhile
		return Replacement{}, fmt.Errorf("%w: place[%s]: %w", ErrReplace, name, err)
	}
	return h.handover(ctx, at, next, o), nil
}

// succeed gives new mounts the next version, if it allows the props of now.
func (p *place) succeed(next *sandbox.Plugin) error {
	p.telling.Lock()
	defer p.telling.Unlock()
	err := next.Check(p.options(next, "", nil))
	if err == nil {
		p.past.Store(p.plugin.Load().Manifest().Version, nil)
		p.plugin.Store(next)
	}
	return err
}

func (o *ReplaceOptions) orDefaults() ReplaceOptions {
	var out ReplaceOptions
	if o != nil {
		out = *o
	}
	if out.Probe <= 0 {
		out.Probe = 10 * time.Second
	}
	if out.Drain <= 0 {
		out.Drain = 30 * time.Second
	}
	return out
}

// patience is how long one mount may take before the next one begins beside it: a plugin that is kept busy, by
// whoever likes to, takes its turn as late as it can.
const patience = 100 * time.Millisecond

// handover lets the mounts of a place go over.
func (h *Host) handover(ctx context.Context, at *place, next *sandbox.Plugin, o ReplaceOptions) (r Replacement) {
	ctx, cancel := context.WithTimeout(ctx, o.Drain)
	defer cancel()
	var (
		all sync.WaitGroup
		mu  sync.Mutex // of r
	)
	for _, m := range h.mountsAt(at) {
		over := make(chan struct{})
		all.Go(func() {
			defer close(over)
			f := m.replace(ctx, next, &o)
			mu.Lock()
			defer mu.Unlock()
			r.count(f)
		})
		select {
		case <-over:
		case <-time.After(patience):
		}
	}
	all.Wait()
	return r
}

func (r *Replacement) count(f fate) {
	switch f {
	case moved:
		r.Moved++
	case fresh:
		r.Fresh++
	case kept:
		r.Kept++
	}
}

// fate is what became of a mount.
type fate int

const (
	gone fate = iota // it was going, or shows a fault
	moved
	fresh
	kept
)

// replace waits until the mount has gone over or stays.
func (m *mounted) replace(ctx context.Context, next *sandbox.Plugin, o *ReplaceOptions) fate {
	m.mu.Lock()
	box := m.box
	m.mu.Unlock()
	if box == nil || m.plugin.Load() == next {
		return gone
	}
	s := &succession{m: m, ctx: ctx, next: next, o: o}
	over, err := box.Handover(next, s)
	if err != nil {
		return gone
	}
	select {
	case <-over:
		return s.fate
	case <-ctx.Done():
	}
	select {
	case <-over: // both are so
		return s.fate
	default:
		return kept // it is busy; when its turn comes it is too late
	}
}

// succession is the handing over of one mount.
type succession struct {
	m     *mounted
	ctx   context.Context
	next  *sandbox.Plugin
	o     *ReplaceOptions
	box   *sandbox.Sandbox
	stage *stage
	fate  fate
	said  *said    // what the page had set when the next version was mounted
	wrong *refusal // why that does not go with the next version
}

var _ sandbox.Heir = (*succession)(nil)

// Take implements sandbox.Heir.
func (s *succession) Take(state []byte, err error) *sandbox.Sandbox {
	s.fate = kept
	if err == nil {
		if state == nil {
			state = []byte{}
		}
		if err = s.try(state); err == nil {
			s.fate = moved
			return s.box
		}
	}
	logger := s.m.host.logger.With("plugin", s.next.Manifest().ID, "version", s.next.Manifest().Version)
	if !s.o.Remount || s.ctx.Err() != nil {
		logger.Info("host: a mount keeps the old version", "error", err)
		return nil
	}
	if failed := s.try(nil); failed != nil {
		logger.Warn("host: a mount keeps the old version", "error", failed)
		return nil
	}
	logger.Info("host: a mount starts afresh", "error", err)
	s.fate = fresh
	return s.box
}

// try mounts the new version where nobody sees it yet.
func (s *succession) try(state []byte) error {
	ctx, cancel := context.WithTimeout(s.ctx, s.o.Probe)
	defer cancel()
	s.stage = &stage{view: s.m, of: s.next}
	opts := s.m.options(s.next, s.stage)
	s.m.mu.Lock()
	s.said = s.m.said
	opts.Props, s.wrong = s.m.place.merge(s.next, s.said)
	s.m.mu.Unlock()
	opts.State = state
	box, err := s.next.New(opts)
	if err != nil {
		return err
	}
	err = box.Mount(s.m.context)
	if err == nil {
		err = box.Settled(ctx)
	}
	if f := s.stage.failed(); err == nil && f != nil {
		err = f.Err
	}
	if err != nil {
		box.Unmount()
		return err
	}
	s.box = box
	return nil
}

// Settle implements sandbox.Heir.
func (s *succession) Settle(move func()) {
	notice := ""
	if s.fate == fresh {
		notice = "The plugin was replaced by version " + s.next.Manifest().Version + " and starts afresh."
	}
	m := s.m
	m.mu.Lock()
	old := m.stage
	m.mu.Unlock()
	old.leave()
	s.stage.enter(notice) // before the events that wait: they are judged by what is shown
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stage, m.box = s.stage, s.box
	m.judge(s.box) // its rights may have changed since it was made
	m.plugin.Store(s.next)
	newer := m.said != s.said
	m.drop(s.wrong)
	move()
	if newer { // it was held against the old version
		_ = s.box.Update(m.props(s.next)) // it is closing, or checked
	}
}
