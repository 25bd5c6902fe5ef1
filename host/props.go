package host

import (
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/sandbox"
)

// ErrPlace says that there is no place of a name.
var ErrPlace = errors.New("host: no such place")

// SetProps replaces the props at a place: those of the plugins that are shown there, which are told, and of
// those to come. Props that the plugin's manifest does not allow are an error that matches sandbox.ErrProps,
// and nothing changes. A mount that still runs a version that does not allow them keeps those it has. Values
// are as cbor.Marshal takes them; they are encoded once, and not kept.
func (h *Host) SetProps(name string, props map[string]any) error {
	at := h.places[name]
	if at == nil {
		return fmt.Errorf("%w: %.80q", ErrPlace, name)
	}
	b, err := cbor.Marshal(props)
	if err != nil {
		return fmt.Errorf("host: place[%s]: props: %w", name, err)
	}
	at.telling.Lock()
	defer at.telling.Unlock()
	opts := at.options(at.plugin.Load(), "", nil)
	opts.Props = b
	if err := at.plugin.Load().Check(opts); err != nil {
		return fmt.Errorf("host: place[%s]: %w", name, err)
	}
	at.props.Store(&b) // before the mounts are looked for: one that comes later starts with them
	for _, m := range h.mountsAt(at) {
		m.update()
	}
	return nil
}

func (h *Host) mountsAt(at *place) []*mounted {
	h.mu.Lock()
	defer h.mu.Unlock()
	var there []*mounted
	for m := range h.mounts {
		if m.place == at {
			there = append(there, m)
		}
	}
	return there
}

// update tells the sandbox that runs now of new props.
func (m *mounted) update() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.box == nil {
		return // it could not be made
	}
	if err := m.box.Update(m.props(m.plugin.Load())); errors.Is(err, sandbox.ErrProps) {
		m.host.logger.Warn("host: a mount of another version keeps its props", "place", m.place.name, "error", err)
	}
}
