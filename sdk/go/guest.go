package vitrine

import (
	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

// guest is a mounted App: what the life cycle exports drive.
type guest struct {
	app     App
	host    host
	ctx     *Context
	view    View
	emitter emitter
	state   []byte // that an earlier version has saved, until the App is started
}

var errNotMounted = &Error{Conflict, "the plugin is not mounted"}

// mount starts the App and shows it. in is a CBOR map, of which unknown keys are read over.
func (g *guest) mount(in []byte) ([]byte, error) {
	c := &Context{host: g.host, restored: g.state}
	g.state = nil
	r := cbor.NewReader(in)
	for range r.Map() {
		if key := text(r); key == "locale" && r.Kind() == cbor.KindText {
			c.locale = text(r)
		} else {
			r.Skip()
		}
	}
	if err := r.End(); err != nil {
		return nil, Errorf(Invalid, "mount: %s", err)
	}
	g.ctx = c
	g.view = g.app(c)
	return nil, g.show()
}

// update tells the App that its props changed.
func (g *guest) update([]byte) ([]byte, error) {
	if g.ctx == nil {
		return nil, errNotMounted
	}
	if g.ctx.onUpdate != nil {
		g.ctx.onUpdate()
	}
	return nil, g.show()
}

// event hands an event to the handler it is for. An event for a handler of long ago is read over.
func (g *guest) event(in []byte) ([]byte, error) {
	if g.ctx == nil {
		return nil, errNotMounted
	}
	r := cbor.NewReader(in)
	n, number := r.Array(), r.Uint()
	if r.Err() != nil || n != 2 || number > 1<<32-1 {
		return nil, Errorf(Invalid, "event: not [handler, [field...]]")
	}
	if do := g.emitter.handler(uint32(number)); do != nil {
		if err := dispatch(do, r); err != nil {
			return nil, Errorf(Invalid, "event: %s", err)
		}
	}
	return nil, g.show()
}

// message hands an answer, or what a channel says, to who waits for it.
func (g *guest) message(in []byte) ([]byte, error) {
	if g.ctx == nil {
		return nil, errNotMounted
	}
	if err := g.ctx.message(in); err != nil {
		return nil, err
	}
	return nil, g.hand(g.emitter.changed(g.root()))
}

// turn does a step of what Later was given.
func (g *guest) turn([]byte) ([]byte, error) {
	if g.ctx == nil {
		return nil, errNotMounted
	}
	g.ctx.turn()
	return nil, g.hand(g.emitter.changed(g.root()))
}

// save answers with what is to go over to another version.
func (g *guest) save([]byte) ([]byte, error) {
	switch {
	case g.ctx == nil:
		return nil, errNotMounted
	case g.ctx.onSave == nil:
		return nil, errNoState
	}
	return g.ctx.onSave(), nil
}

// restore keeps what another version has saved for the App, which is started next.
func (g *guest) restore(in []byte) ([]byte, error) {
	g.state = append([]byte{}, in...)
	return nil, nil
}

var errNoState = &Error{abi.CodeUnsupported, "the plugin has no state to be saved"}

// unmount ends the App; its memory can be collected.
func (g *guest) unmount([]byte) ([]byte, error) {
	if g.ctx != nil && g.ctx.onUnmount != nil {
		g.ctx.onUnmount()
	}
	g.ctx, g.view, g.emitter = nil, nil, emitter{}
	return nil, nil
}

func (g *guest) root() *element {
	if g.view == nil {
		return nil
	}
	return elementOf(g.view())
}

// show hands the tree to the host even if it is the one of before: what the person typed may have
// changed what the page shows, and the plugin may want it back.
func (g *guest) show() error { return g.hand(g.emitter.fresh(g.root())) }

func (g *guest) hand(tree []byte) error {
	g.ctx.forgetProps()
	if tree == nil {
		return nil
	}
	if code := g.host.render(tree); code < 0 {
		g.emitter.refused()
		return Errorf(code, "the host did not accept the tree: %s", code.String())
	}
	return nil
}

// lifeCycle is the exports that need an App. They are reached through it, and not by name, so that
// a plugin that registers none does not link what they import.
type lifeCycle struct {
	mount, update, event, message, turn, save, restore, unmount func(in []byte) ([]byte, error)
}

func (g *guest) lifeCycle() lifeCycle {
	return lifeCycle{g.mount, g.update, g.event, g.message, g.turn, g.save, g.restore, g.unmount}
}

var errNoApp = &Error{abi.CodeUnsupported, "the plugin has no user interface"}
