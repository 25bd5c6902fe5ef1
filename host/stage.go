package host

import (
	"bytes"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// stage stands between a sandbox and its mount while one version of a plugin takes over from another:
// what the new one shows is kept until it is live, and what the old one still does is not seen.
type stage struct {
	view *mounted
	of   *sandbox.Plugin // the version that takes over; nil for the first

	mu     sync.Mutex
	live   bool // what is shown goes to the view
	over   bool // it goes nowhere
	tree   *abi.Tree
	paints []abi.Paint
	fault  *sandbox.Fault
	notice string
}

var (
	_ sandbox.View    = (*stage)(nil)
	_ sandbox.Noticer = (*stage)(nil)

	_ sandbox.Effector = (*stage)(nil)
)

// show passes on what is shown now, or keeps it.
func (s *stage) show(now, keep func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
	case s.live:
		now()
	default:
		keep()
	}
}

// Tree implements sandbox.View.
func (s *stage) Tree(t *abi.Tree) {
	s.show(func() { s.view.Tree(t) }, func() {
		s.tree = new(abi.Tree)
		s.tree.CopyFrom(t)
	})
}

// Paint implements sandbox.View.
func (s *stage) Paint(p *abi.Paint) {
	s.show(func() { s.view.Paint(p) }, func() {
		kept := *p
		kept.Pixels = bytes.Clone(p.Pixels)
		s.paints = append(s.paints, kept)
	})
}

// Done implements sandbox.View.
func (s *stage) Done() { s.show(s.view.Done, func() {}) }

// Fault implements sandbox.View.
func (s *stage) Fault(f *sandbox.Fault) { s.show(func() { s.view.Fault(f) }, func() { s.fault = f }) }

// Notice implements sandbox.Noticer.
func (s *stage) Notice(text string) {
	s.show(func() { s.view.Notice(text) }, func() { s.notice = text })
}

// Effect implements sandbox.Effector. What a plugin does once it does for a person who has done something;
// nobody has, before it is live.
func (s *stage) Effect(e *abi.EffectRequest) (code abi.Code) {
	code = abi.CodeDenied
	s.show(func() { code = s.view.Effect(e) }, func() {})
	return code
}

// enter shows what was kept, and from now on everything. notice is for the person, "" if there is none.
func (s *stage) enter(notice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = true
	s.view.mount.Renew()
	s.view.mount.Supply(s.view.place.components(s.of))
	for i := range s.paints {
		s.view.Paint(&s.paints[i])
	}
	if s.tree != nil {
		s.view.Tree(s.tree)
	}
	if s.notice == "" {
		s.notice = notice
	}
	s.view.Notice(s.notice)
	s.view.Done()
	s.tree, s.paints = nil, nil
}

// leave shows nothing any more.
func (s *stage) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.tree, s.paints = nil, nil
}

// failed is the fault that came before it was live, nil if there was none.
func (s *stage) failed() *sandbox.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}
