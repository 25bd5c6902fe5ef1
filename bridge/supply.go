package bridge

import (
	"log/slog"

	"github.com/vitrine-run/vitrine/abi"
)

// Supply says which components of the host's own the plugin may render from now on: those that another version of it asks for. It
// holds for trees that come; calls are judged by it at once.
func (m *Mount) Supply(c *abi.HostComponents) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.options.Components, m.told = c, nil
}

// maxTold is how many reasons of a mount the log is told.
const maxTold = 16

// degraded tells the log, once, why a host node is shown as its fallback.
func (m *Mount) degraded(err *abi.HostComponentError) {
	text := err.Error()
	if _, ok := m.told[text]; ok || len(m.told) == maxTold {
		return
	}
	if m.told == nil {
		m.told = map[string]struct{}{}
	}
	m.told[text] = struct{}{}
	m.options.Logger.Warn("host component degraded", slog.Uint64("mount", uint64(m.number)), slog.String("component", err.Component),
		slog.String("error", text))
}
