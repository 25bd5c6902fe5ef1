// Package bridge measures the way between a plugin and a page: how many bytes changes take on the wire (case bytes),
// how long it is from an event to the patch that answers it while 1,000 mounts are busy (event), what a mount that
// nobody uses costs (mounts), and what a page that reads nothing does to the others (slow).
//
// The server is a process of its own, real frames go over loopback. Plugins are Go code that renders a tree and has
// it decoded, as a sandbox does; no guest runs. Figures of bytes have the peer's beside them where Node has it: Remote
// DOM doing the same to the same rows.
package bridge

import (
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// Cases are bytes, event, mounts and slow.
func Cases() []bench.Case {
	ours := []string{bench.Ours}
	return []bench.Case{
		{Name: "event", Help: "from an event in the page to the patch that answers it, through the websocket", Unit: "ms", Systems: ours,
			Takes: 40 * time.Second, TakesQuick: 4 * time.Second, Measure: event, Child: serve},
		{Name: "bytes", Help: "bytes on the wire: of an update, and of the scripts in a page", Unit: "B", Systems: []string{bench.Ours, remoteDOM},
			Takes: 3 * time.Second, TakesQuick: time.Second, Measure: payloads},
		{Name: "mounts", Help: "memory of a mount that nobody uses, outside its sandbox", Unit: "KiB", Systems: ours, Long: true,
			Takes: 2 * time.Minute, TakesQuick: 35 * time.Second, Measure: mounts, Child: serve},
		{Name: "slow", Help: "what pages that read nothing do to the others", Unit: "ms", Systems: ours, Long: true,
			Takes: 25 * time.Second, TakesQuick: 4 * time.Second, Measure: slow, Child: serve},
	}
}

// remoteDOM is the peer of bytes: npm's @remote-dom/core.
const remoteDOM = "remote-dom"

// busy is how many mounts there are, and for how long each clicks five times a second.
func busy(r *bench.Run) (mounts int, watch time.Duration) {
	mounts, watch = 1000, 30*time.Second
	if r.Quick {
		mounts, watch = 100, 3*time.Second
	}
	if r.Turn > 0 {
		watch = r.Turn
	}
	if r.Rounds > 0 {
		mounts = r.Rounds
	}
	return mounts, watch
}
