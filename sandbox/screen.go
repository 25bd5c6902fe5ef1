package sandbox

import (
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// screen checks what a plugin shows before a View sees it. Trees are decoded into memory that is
// used again, so that showing allocates nothing once it has grown.
type screen struct {
	view   View
	limits abi.TreeLimits
	budget int
	report func(what string, err error)

	left   int   // bytes that may still be shown in this call
	tree   error // why the newest tree of this call was refused
	pixels error // likewise
	shown  bool  // the View has had a tree since the plugin was mounted
	fresh  bool  // newest has not been given to the View
	newest *abi.Tree
	spare  *abi.Tree // decoded into, so that newest survives a tree that is not one
	paint  abi.Paint
	sizes  map[uint8]size // of the surfaces
}

// size is that of a surface, in pixels.
type size struct{ width, height int }

var (
	_ hostfuncs.UI       = (*screen)(nil)
	_ hostfuncs.Effector = (*screen)(nil)
)

func newScreen(view View, p *Policy) *screen {
	return &screen{
		view: view, limits: p.Tree.OrDefaults(), budget: p.ShowBytes, report: func(string, error) {},
		newest: new(abi.Tree), spare: new(abi.Tree), sizes: map[uint8]size{},
	}
}

// mount is called before the plugin is mounted: nothing is shown that it could keep.
func (s *screen) mount() {
	s.shown = false
	s.newest.Reset()
	clear(s.sizes)
}

// begin is called before each call of the plugin.
func (s *screen) begin() { s.left, s.fresh, s.tree, s.pixels = s.budget, false, nil, nil }

// Render implements hostfuncs.UI: the tree is kept until the call is over.
func (s *screen) Render(ops []byte) abi.Code {
	if s.tree = s.spend(len(ops)); s.tree == nil {
		s.tree = s.spare.DecodeOver(s.newest, ops, &s.limits)
	}
	if s.tree == nil { // what is kept takes room and time as well
		s.tree = s.spend(s.spare.Written() - len(ops))
	}
	if s.tree != nil {
		return s.refuse("sandbox: tree refused", s.tree)
	}
	s.newest, s.spare, s.fresh = s.spare, s.newest, true
	return abi.CodeOK
}

// Paint implements hostfuncs.UI.
func (s *screen) Paint(b []byte) abi.Code {
	if s.pixels = s.spend(len(b)); s.pixels == nil {
		s.pixels = s.paint.Parse(b)
	}
	if s.pixels == nil {
		s.pixels = s.resize(&s.paint)
	}
	if s.pixels != nil {
		return s.refuse("sandbox: pixels refused", s.pixels)
	}
	s.view.Paint(&s.paint)
	s.paint.Pixels = nil // they are the guest's
	return abi.CodeOK
}

// resize counts what the View has to make room for, or to clear, where a surface gets another size.
func (s *screen) resize(p *abi.Paint) error {
	is := size{p.SurfaceWidth, p.SurfaceHeight}
	if s.sizes[p.Surface] == is {
		return nil
	}
	if err := s.spend(4 * is.width * is.height); err != nil {
		return err
	}
	s.sizes[p.Surface] = is
	return nil
}

// Effect implements hostfuncs.Effector.
func (s *screen) Effect(b []byte) abi.Code {
	able, ok := s.view.(Effector)
	if !ok {
		return abi.CodeUnsupported
	}
	var e abi.EffectRequest
	err := s.spend(len(b))
	if err == nil {
		err = e.Parse(b)
	}
	if err != nil {
		return s.refuse("sandbox: effect refused", err)
	}
	return able.Effect(&e)
}

// refuse tells the author why, and the plugin whether it was wrong or only too much.
func (s *screen) refuse(what string, err error) abi.Code {
	s.report(what, err)
	if errors.Is(err, abi.ErrLimit) {
		return abi.CodeLimit
	}
	return abi.CodeInvalid
}

func (s *screen) spend(n int) error {
	if n > s.left {
		return fmt.Errorf("%w: more than %d bytes in one call", abi.ErrLimit, s.budget)
	}
	s.left -= n
	return nil
}

// refused is what a person misses of a call, nil if nothing.
func (s *screen) refused() error {
	if s.tree != nil {
		return s.tree
	}
	return s.pixels
}

// shows tells whether there is a tree to be seen.
func (s *screen) shows() bool { return s.shown || s.fresh }

// flush gives the View the newest tree of a call that is over; that of a call which killed the
// plugin is not shown.
func (s *screen) flush(alive bool) {
	if s.fresh && alive {
		s.view.Tree(s.newest)
		s.shown = true
	}
	s.fresh = false
}
