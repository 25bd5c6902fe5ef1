package bridge

import (
	"errors"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// ErrNoRoom says that what a plugin shows is more than the mounts of the server may hold together (MountOptions.Hold).
var ErrNoRoom = errors.New("bridge: no room for what the plugin shows")

// holdStep is what each mount has without asking, and in what steps it asks for more: most never do, and one whose tree grows and
// shrinks a little does not ask each time.
const holdStep = 64 << 10

// noRoomRetry is when a page asks anew for a plugin that there was no room for.
const noRoomRetry = 15 * time.Second

// holding is what a mount has of what all mounts may hold together.
type holding struct {
	ask func(bytes int64) bool // MountOptions.Hold
	has int64
}

// to makes it enough for n bytes; false if there is no room, and then it stays as it is.
func (h *holding) to(n int) bool {
	if h.ask == nil {
		return true
	}
	want := int64(max(0, n-1)) / holdStep * holdStep
	if want == h.has {
		return true
	}
	if !h.ask(want-h.has) && want > h.has {
		return false
	}
	h.has = want
	return true
}

// weigh counts what the mount holds of trees, and so many bytes of pixels. Where there is no room for them the mount ends.
func (m *Mount) weigh(pixels int) error {
	newest, sent := m.newest.Memory(), m.sent.Memory()
	trees := newest + sent
	if m.dirty { // the newest becomes the one that is sent, and is copied for it
		trees = 2 * max(newest, sent)
	}
	if m.holding.to(trees + m.part.Memory() + pixels) {
		return nil
	}
	m.fail(abi.Fault{Code: abi.FaultUnavailable, Retry: noRoomRetry, Text: "The server has no room for what the plugin shows."})
	return ErrNoRoom
}
