package host

import (
	"errors"
	"fmt"

	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/sandbox"
)

var errSecretsTwice = errors.New("secrets both among the settings and kept elsewhere")

// SetSettings replaces the settings at a place, secrets included: plugins that are shown there are told, and requests
// that begin after it carry the new secrets. Settings that the plugin's manifest does not allow are an error that
// matches sandbox.ErrSettings, a secret that no request could carry one that matches hostfuncs.ErrSecret, and nothing
// changes. A mount that still runs a version that does not allow them keeps those it has. Values are as package
// form reads them of a form, and as cbor.Marshal takes them.
func (h *Host) SetSettings(name string, settings map[string]any) error {
	at := h.places[name]
	if at == nil {
		return fmt.Errorf("%w: %.80q", ErrPlace, name)
	}
	at.telling.Lock()
	defer at.telling.Unlock()
	if err := at.keep(settings); err != nil {
		return fmt.Errorf("host: place[%s]: %w", name, err)
	}
	for _, m := range h.mountsAt(at) {
		m.settle(*at.settings.Load())
	}
	return nil
}

// keep checks settings and makes them those of the place: before the mounts are looked for, so that one that comes
// later starts with them.
func (p *place) keep(settings map[string]any) error {
	plugin := p.plugin.Load()
	schema := plugin.Manifest().Settings
	if b, err := cbor.Marshal(settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	} else if schema == nil && len(settings) > 0 {
		return plugin.Check(&sandbox.Options{Props: *p.props.Load(), Settings: b}) // says so
	}
	_, secrets, err := schema.Split(settings)
	if err != nil {
		return fmt.Errorf("%w: %w", sandbox.ErrSettings, err)
	}
	// What was set as a secret is not here, and so no later version can call it plain and read it; what the schema
	// does not name is, for Check to find.
	plain := map[string]any{}
	for name, v := range settings {
		if !schema.Secret(name) {
			plain[name] = v
		}
	}
	b, err := cbor.Marshal(plain)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := plugin.Check(&sandbox.Options{Props: *p.props.Load(), Settings: b}); err != nil {
		return err
	}
	if err := p.keepSecrets(secrets); err != nil {
		return err
	}
	p.settings.Store(&plain)
	return nil
}

// keepSecrets makes the secrets of an install those that requests carry from now on.
func (p *place) keepSecrets(secrets map[string]string) error {
	switch {
	case p.given.Secrets == nil:
		return p.secrets.Set(secrets)
	case len(secrets) > 0:
		return errSecretsTwice
	}
	return nil
}

// settingsOf is what a version of a plugin reads of the plain settings of a place, as CBOR.
func settingsOf(of *sandbox.Plugin, settings map[string]any) []byte {
	plain, _, err := of.Manifest().Settings.Split(settings)
	if err != nil {
		plain = nil // of another version, for which this is a secret of another kind: it starts with none
	}
	b, err := cbor.Marshal(plain)
	if err != nil {
		return nil // keep has encoded them before
	}
	return b
}

// settle tells the sandbox that runs now of new settings.
func (m *mounted) settle(settings map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.box == nil {
		return // it could not be made
	}
	if err := m.box.UpdateSettings(settingsOf(m.plugin.Load(), settings)); errors.Is(err, sandbox.ErrSettings) {
		m.host.logger.Warn("host: a mount of another version keeps its settings", "place", m.place.name, "error", err)
	}
}
