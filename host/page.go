package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/sandbox"
)

var (
	_ bridge.PropsOpener = opener{}
	_ bridge.PropsPlugin = (*mounted)(nil)
)

// ErrPage is matched by the error of New for a name in Place.PageProps or Place.PageCallbacks that a page cannot be given.
var ErrPage = errors.New("host: not for a page to set")

// checkPage holds what a place leaves to its pages against what a version declares.
func (p *Place) checkPage(m *abi.Manifest) error {
	for _, name := range p.PageProps {
		if !slices.Contains(m.Props.Names(), name) {
			return fmt.Errorf("%w: the manifest's schema has no prop %.80q", ErrPage, name)
		}
	}
	for _, name := range p.PageCallbacks {
		switch {
		case callbackOf(m, name) == nil:
			return fmt.Errorf("%w: %w: %.80q", ErrPage, sandbox.ErrCallback, name)
		case p.Callbacks[name] != nil:
			return fmt.Errorf("%w: callback %.80q is the host's as well", ErrPage, name)
		}
	}
	return nil
}

func callbackOf(m *abi.Manifest, name string) *abi.Callback {
	i := slices.IndexFunc(m.Callbacks, func(c abi.Callback) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Callbacks[i]
}

// said is what a page has set of the props of its mount.
type said struct {
	number uint32
	values map[string]any
}

// refusal is why what a page has said does not count.
type refusal struct {
	number uint32
	code   abi.Code
	text   string
}

// read holds what a page says against the list of its place.
func (p *place) read(number uint32, text []byte) (*said, *refusal) {
	v, err := abi.ParseJSON(text)
	var wrong *abi.JSONError
	if errors.As(err, &wrong) {
		return nil, &refusal{number, abi.CodeInvalid, "props" + wrong.Path + ": " + wrong.Message}
	}
	values, ok := v.(map[string]any)
	if !ok {
		return nil, &refusal{number, abi.CodeInvalid, "props are not an object"}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(p.given.PageProps, name) {
			return nil, &refusal{number, abi.CodeDenied, fmt.Sprintf("the host does not let the page set %.80q", name)}
		}
	}
	return &said{number, values}, nil
}

// merge puts what a page has said over the host's props, of which the schema of a version must allow the whole.
func (p *place) merge(of *sandbox.Plugin, s *said) ([]byte, *refusal) {
	host := *p.props.Load()
	if s == nil || len(s.values) == 0 {
		return host, nil
	}
	v, err := cbor.Unmarshal(host)
	all, ok := v.(map[string]any)
	if err != nil || !ok { // it was made by cbor.Marshal
		return host, &refusal{s.number, abi.CodeInternal, "the host's props cannot be read"}
	}
	maps.Copy(all, s.values)
	b, err := cbor.Marshal(all)
	if schema := of.Manifest().Props; err == nil && schema != nil {
		err = schema.Check(b)
	} else if schema == nil {
		err = errors.New("this version of the plugin takes no props of a page")
	}
	if err != nil {
		return host, &refusal{s.number, abi.CodeInvalid, err.Error()}
	}
	return b, nil
}

// OpenProps implements bridge.PropsOpener.
func (o opener) OpenProps(r *http.Request, secret string, props []byte) (bridge.Session, error) {
	who, err := o.people.who(r)
	if err != nil {
		return nil, bridge.ErrTicket
	}
	t, ok := o.tickets.redeem(secret, who.ID)
	switch {
	case !ok:
		return nil, bridge.ErrTicket
	case t.mount != nil:
		if props != nil {
			t.mount.Props(0, props)
		}
		return t.mount.mount, nil
	}
	m, err := o.mount(t.place, o.people.party(r, who), locale(r), props)
	if err != nil {
		return nil, err
	}
	return m.mount, nil
}

// Props implements bridge.PropsPlugin.
func (m *mounted) Props(number uint32, text []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.box == nil {
		m.refuse(noProps(number))
		return
	}
	s, wrong := m.place.read(number, text)
	var props []byte
	if wrong == nil {
		props, wrong = m.place.merge(m.plugin.Load(), s)
	}
	if wrong != nil {
		m.refuse(wrong)
		return
	}
	m.said = s
	_ = m.box.Update(props) // it is closing, or checked
	m.mount.Take(number)
}

// noProps is the refusal of what stands in a plugin's place.
func noProps(number uint32) *refusal {
	return &refusal{number, abi.CodeDenied, "what stands in the plugin's place takes no props"}
}

// begin has a plugin start with what its page sets, if it may.
func (m *mounted) begin(o *sandbox.Options, text []byte) (wrong *refusal) {
	if text == nil {
		return nil
	}
	s, wrong := m.place.read(0, text)
	if wrong == nil {
		if o.Props, wrong = m.place.merge(m.plugin.Load(), s); wrong == nil {
			m.said = s
		}
	}
	return wrong
}

func (m *mounted) refuse(r *refusal) { m.mount.Refuse(r.number, r.code, r.text) }

// props are those of a mount in a version: the host's, and what its page has set. m.mu is held. Where they do not go together the
// page's go, and it is told.
func (m *mounted) props(of *sandbox.Plugin) []byte {
	b, wrong := m.place.merge(of, m.said)
	m.drop(wrong)
	return b
}

// drop has what the page has set count no more, if it is that which is wrong, and tells the page. m.mu is held.
func (m *mounted) drop(wrong *refusal) {
	if wrong != nil && m.said != nil && m.said.number == wrong.number {
		m.said = nil
		m.refuse(wrong)
	}
}

// options are those of a sandbox of a version for this mount, with the host's props.
func (m *mounted) options(of *sandbox.Plugin, view sandbox.View) *sandbox.Options {
	o := m.place.options(of, m.party.principal, view)
	for _, name := range m.place.given.PageCallbacks {
		if c := callbackOf(of.Manifest(), name); c != nil {
			o.Callbacks[name] = m.pageCallback(c)
		}
	}
	return o
}

// awayPage stands for the functions of a page where there is none.
func awayPage(context.Context, sandbox.Caller, any) (any, error) { return nil, abi.CodeUnavailable }

// pageCallback calls a function of the page. What it answers is nobody's word until the manifest's schema allows it.
func (m *mounted) pageCallback(c *abi.Callback) sandbox.Callback {
	return func(ctx context.Context, _ sandbox.Caller, input any) (any, error) {
		if hasBytes(input) {
			return nil, abi.CodeUnsupported
		}
		in, err := json.Marshal(input)
		if err != nil {
			return nil, abi.CodeInvalid
		}
		out, err := m.mount.Call(ctx, c.Name, in)
		if err != nil {
			return nil, err
		}
		v, err := abi.ParseJSON(out)
		if err == nil {
			var b []byte
			if b, err = cbor.Marshal(v); err == nil {
				err = c.Output.Check(b)
			}
		}
		if err != nil {
			m.unanswered.Do(func() {
				m.host.logger.Warn("host: a page's answer to a plugin is not what the manifest says", "place", m.place.name, "callback", c.Name, "error", err)
			})
			return nil, abi.CodeInternal
		}
		return v, nil
	}
}

// hasBytes tells whether there is something in a value that JSON has no form for.
func hasBytes(v any) bool {
	switch v := v.(type) {
	case []byte:
		return true
	case []any:
		return slices.ContainsFunc(v, hasBytes)
	case map[string]any:
		for _, one := range v {
			if hasBytes(one) {
				return true
			}
		}
	}
	return false
}
