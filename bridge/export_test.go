package bridge

import (
	"maps"
	"slices"
	"time"
)

// Plain makes a mount write neither rows nor repetitions nor splices.
func Plain(m *Mount) { m.writer.Plain = true }

// SetNow gives a mount a clock.
func SetNow(m *Mount, now func() time.Time) { m.now = now }

// Recheck is the next heartbeat at which pages are asked again who they are.
func Recheck(h *Handler) {
	h.mu.Lock()
	all := slices.Collect(maps.Keys(h.sockets))
	h.mu.Unlock()
	for _, s := range all {
		s.recheck()
	}
}
