package host

import (
	"context"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/sandbox"
)

// opener turns tickets into mounts for the socket.
type opener struct{ *Host }

var _ bridge.Opener = opener{}

// Open implements bridge.Opener.
func (o opener) Open(r *http.Request, secret string) (bridge.Session, error) {
	return o.OpenProps(r, secret, nil)
}

// mounted joins a sandbox to a mount: it is the plugin that the mount drives, and the view that the
// sandbox shows itself on, through a stage.
type mounted struct {
	host      *Host
	place     *place
	party     party
	context   abi.MountContext
	mount     *bridge.Mount
	stopping  sync.Once
	unpainted sync.Once

	unanswered sync.Once

	mu     sync.Mutex // held while work is handed to the sandbox, so that none goes to one that was replaced
	box    *sandbox.Sandbox
	plugin atomic.Pointer[sandbox.Plugin] // of which box is
	stage  *stage                         // on which box shows itself
	said   *said                          // what the page has set of the props; nil for nothing
}

var (
	_ bridge.Plugin   = (*mounted)(nil)
	_ bridge.Uploads  = (*mounted)(nil)
	_ bridge.Revoker  = (*mounted)(nil)
	_ sandbox.View    = (*mounted)(nil)
	_ sandbox.Noticer = (*mounted)(nil)

	_ sandbox.Effector = (*mounted)(nil)
)

// mount starts what is at a place; props are what its page sets to begin with, nil for nothing.
func (h *Host) mount(at *place, by party, locale string, props []byte) (*mounted, error) {
	m := &mounted{host: h, place: at, party: by, context: abi.MountContext{Locale: locale}}
	m.mu.Lock() // whoever replaces the plugin finds the mount with the old one, or it gets the new one
	defer m.mu.Unlock()
	if err := h.enter(m); err != nil {
		return nil, err
	}
	m.plugin.Store(at.plugin.Load())
	if missing := at.missing(m.plugin.Load().Manifest()); missing != "" {
		err := m.stand(missing)
		if err == nil && props != nil {
			m.refuse(noProps(0))
		}
		return m, err
	}
	m.stage = &stage{view: m, live: true}
	opts := m.options(m.plugin.Load(), m.stage)
	wrong := m.begin(opts, props)
	box, err := m.plugin.Load().New(opts)
	if err != nil {
		h.leave(m)
		return nil, err
	}
	m.box = box
	of := m.mountOptions(m.plugin.Load().Manifest().ID)
	of.Uploads, of.Downloads, of.Components = m, m, at.components(m.plugin.Load())
	m.mount = bridge.NewMount(m, of)
	switch {
	case wrong != nil:
		m.refuse(wrong)
	case props != nil:
		m.mount.Take(0)
	}
	if err := box.Mount(m.context); err != nil {
		m.stop()
		return nil, err
	}
	return m, nil
}

// enter counts a mount, or says that there are too many.
func (h *Host) enter(m *mounted) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || !h.held.take(m.party, 1) {
		return bridge.ErrUnavailable
	}
	h.mounts[m] = struct{}{}
	h.gone.Add(1)
	return nil
}

// leave forgets a mount, once: one that could not be made may be told to stop as well.
func (h *Host) leave(m *mounted) {
	h.uploads.release(m, math.MaxInt64)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.mounts[m]; !there {
		return
	}
	delete(h.mounts, m)
	h.held.give(m.party, 1)
	h.gone.Done()
}

// closeTime is how long a plugin has to take its leave.
const closeTime = 5 * time.Second

// stop ends the mount, closes the sandbox and then frees its seat. It does not wait.
func (m *mounted) stop() {
	m.stopping.Do(func() {
		go func() {
			box := m.sandbox()
			if box == nil { // only its fallback was shown
				m.host.leave(m)
				return
			}
			m.mount.Close() // whoever waits for what it shows waits in vain
			end(box)
			for next := m.sandbox(); next != box; next = m.sandbox() { // another version was taking over
				box = next
				end(box)
			}
			m.host.leave(m)
		}()
	})
}

// end closes a sandbox, and waits until it is.
func end(box *sandbox.Sandbox) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := box.Close(ctx); err != nil {
		_ = box.Close(context.Background()) // it is being stopped where it is
	}
}

// Event implements bridge.Plugin.
func (m *mounted) Event(take func() ([]byte, bool)) {
	if err := m.put(take); errors.Is(err, sandbox.ErrBusy) {
		m.mount.Fault(abi.Fault{Code: abi.FaultLimit, Text: "The plugin cannot keep up with what is done on the page."})
	}
}

// afterwards calls f when the plugin has dealt with the events that wait, or at once if it is going.
func (m *mounted) afterwards(f func()) {
	err := m.put(func() ([]byte, bool) {
		f()
		return nil, false
	})
	if err != nil {
		f()
	}
}

// Visible implements bridge.Plugin.
func (m *mounted) Visible(visible bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.box != nil {
		m.box.Visible(visible)
	}
}

// put gives the sandbox an event.
func (m *mounted) put(take func() ([]byte, bool)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.box == nil { // what stands in its place has no events
		return nil
	}
	return m.box.Event(take)
}

// sandbox is the one that runs now.
func (m *mounted) sandbox() *sandbox.Sandbox {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.box
}

// Close implements bridge.Plugin.
func (m *mounted) Close() { m.stop() }

// Tree implements sandbox.View.
func (m *mounted) Tree(t *abi.Tree) { m.mount.Tree(t) }

// Paint implements sandbox.View.
func (m *mounted) Paint(p *abi.Paint) {
	if err := m.mount.Paint(p); err != nil && !errors.Is(err, bridge.ErrNoRoom) {
		m.unpainted.Do(func() { m.host.logger.Warn("host: pixels refused", "principal", m.party.principal, "error", err) })
	}
}

// Done implements sandbox.View.
func (m *mounted) Done() { m.mount.Idle() }

// Fault implements sandbox.View.
func (m *mounted) Fault(f *sandbox.Fault) {
	m.mount.Fault(abi.Fault{Code: abi.FaultPlugin, Text: f.Text})
}

// Notice implements sandbox.Noticer.
func (m *mounted) Notice(text string) { m.mount.Notice(text) }

// Issue implements bridge.Uploads.
func (m *mounted) Issue(u bridge.Upload) (string, error) { return m.host.uploads.issue(m, u) }

// locale is the first language that the browser asks for, "en" if it asks for none.
func locale(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	first, _, _ = strings.Cut(strings.TrimSpace(first), ";")
	if len(first) > 35 || !regexp.MustCompile(localeForm).MatchString(first) {
		return "en"
	}
	return first
}

const localeForm = `^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`
