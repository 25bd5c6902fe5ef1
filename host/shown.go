package host

import (
	"sync"

	"github.com/vitrine-run/vitrine/bridge"
)

// mountMost is as much as one mount shows that shows as much as a plugin may: 4 Mi pixels, and trees of 20,000 nodes.
const mountMost = 48 << 20

// shownBox bounds the memory of what all plugins show.
type shownBox struct {
	mu      sync.Mutex
	room    shares
	refused uint64
}

func newShownBox(l Limits) shownBox {
	return shownBox{room: newShares(l.ShownBytes, l.ShownPerPrincipal, l.AddressShare, mountMost)}
}

// hold takes n bytes, if there are as many, or gives them back if n is below zero.
func (b *shownBox) hold(by party, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n < 0 {
		b.room.give(by, -n)
		return true
	}
	ok := b.room.take(by, n)
	if !ok {
		b.refused++
	}
	return ok
}

// mountOptions are those that every mount has.
func (m *mounted) mountOptions(plugin string) *bridge.MountOptions {
	logger := m.host.logger.With("plugin", plugin)
	return &bridge.MountOptions{Logger: logger, Hold: func(n int64) bool {
		ok := m.host.shown.hold(m.party, n)
		if !ok {
			logger.Warn("host: no room for what a plugin shows", "place", m.place.name, "principal", m.party.principal, "bytes", n)
		}
		return ok
	}}
}

// Stats are figures of a Host at one time.
type Stats struct {
	Mounts       int    // plugins that run
	ShownBytes   int64  // of trees and pixels, above the 64 KiB that each mount may have
	ShownRefused uint64 // mounts that have ended because there was no room for what they showed
}

// Stats says what the host holds.
func (h *Host) Stats() Stats {
	h.mu.Lock()
	s := Stats{Mounts: len(h.mounts)}
	h.mu.Unlock()
	h.shown.mu.Lock()
	defer h.shown.mu.Unlock()
	s.ShownBytes, s.ShownRefused = h.shown.room.all, h.shown.refused
	return s
}
