package host

import (
	"context"
	"time"

	"github.com/vitrine-run/vitrine/sandbox"
)

// SetClock makes tickets age by another clock.
func (h *Host) SetClock(now func() time.Time) { h.tickets.now = now }

// SetSilence sets how long a file may not come on.
func (h *Host) SetSilence(d time.Duration) { h.uploads.silence = d }

// RoomForUploads is how many bytes of files may still come.
func (h *Host) RoomForUploads() int64 {
	h.uploads.mu.Lock()
	defer h.uploads.mu.Unlock()
	return h.uploads.room.most - h.uploads.room.all
}

// Outstanding is how many tickets and uploads wait to be used, and how many mounts there are.
func (h *Host) Outstanding() (tickets, uploads, mounts int) {
	h.tickets.mu.Lock()
	defer h.tickets.mu.Unlock()
	h.uploads.mu.Lock()
	defer h.uploads.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.tickets.all), len(h.uploads.all), len(h.mounts)
}

// Network is what counts as one address.
func Network(addr string) string { return network(addr) }

// Offer offers a file to a principal at an address, as a plugin of theirs does.
func (h *Host) Offer(principal, address, name string, data []byte) (string, error) {
	return h.downloads.offer(party{principal, address}, name, data)
}

// Running is how many mounts at a place run a version.
func (h *Host) Running(name, version string) (n int) {
	for _, m := range h.mountsAt(h.places[name]) {
		if m.plugin.Load().Manifest().Version == version {
			n++
		}
	}
	return n
}

// Replacing tells whether a version is taking over at a place.
func (h *Host) Replacing(name string) bool { return len(h.places[name].replacing) == 1 }

// HandOver has every mount at a place go over to another version, and calls between when that has been mounted and is not live yet,
// with what a page does to set props.
func (h *Host) HandOver(name string, next *sandbox.Plugin, between func(set func(number uint32, props string))) {
	for _, m := range h.mountsAt(h.places[name]) {
		o := (&ReplaceOptions{Remount: true}).orDefaults()
		s := &succession{m: m, ctx: context.Background(), next: next, o: &o}
		over, err := m.sandbox().Handover(next, &watched{s, func() {
			between(func(number uint32, props string) { m.Props(number, []byte(props)) })
		}})
		if err != nil {
			panic(err)
		}
		<-over
	}
}

type watched struct {
	*succession
	between func()
}

// Settle implements sandbox.Heir.
func (w *watched) Settle(move func()) {
	w.between()
	w.succession.Settle(move)
}
