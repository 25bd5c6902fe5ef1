package bridge

import (
	"log/slog"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// What is kept of frames that a page has not acknowledged, to send them again after a drop.
const (
	ringBytes = 64 << 10
	ringAge   = 30 * time.Second
)

// ring keeps the frames that the page has not acknowledged, oldest first, without a gap. A window is
// few frames, so that it is a short slice.
type ring struct {
	frames []sentFrame
	bytes  int
	spare  []byte // of a frame that was acknowledged, to keep the next one in
}

// maxSpare is the largest buffer that is kept for the next frame.
const maxSpare = 1 << 10

// sentFrame is a frame that may have to be sent again. Pixels are not kept: what they covered is sent
// from the surface as it is by then, and an empty PATCH takes the place of the frame.
type sentFrame struct {
	seq   uint32
	frame []byte // nil for pixels and for what is too large to keep
	at    time.Time
	view  uint32 // node of the canvas, for pixels
	area  rect
}

func (r *ring) add(f sentFrame) {
	r.frames = append(r.frames, f)
	r.bytes += len(f.frame)
	for i := 0; r.bytes > ringBytes && i < len(r.frames); i++ {
		r.bytes -= len(r.frames[i].frame)
		r.frames[i].frame = nil
	}
}

// ack drops the frames up to seq.
func (r *ring) ack(seq uint32) {
	n := 0
	for n < len(r.frames) && r.frames[n].seq <= seq {
		r.bytes -= len(r.frames[n].frame)
		if buf := r.frames[n].frame; cap(buf) > cap(r.spare) && cap(buf) <= maxSpare {
			r.spare = buf[:0]
		}
		n++
	}
	r.frames = append(r.frames[:0], r.frames[n:]...)
	clear(r.frames[len(r.frames):cap(r.frames)])
}

// covers tells whether every frame that is left can be sent again.
func (r *ring) covers(now time.Time) bool {
	for _, f := range r.frames {
		if f.frame == nil && f.view == 0 || now.Sub(f.at) > ringAge {
			return false
		}
	}
	return true
}

// copy is a copy of a frame to keep.
func (r *ring) copy(frame []byte) []byte {
	buf := r.spare
	r.spare = nil
	return append(buf[:0], frame...)
}

func (r *ring) reset() { *r = ring{frames: r.frames[:0]} }

// maxRenames bounds how many epochs back an event may be from.
const maxRenames = 8

// rename says which id a node of the epoch before had: old[i] is that of the node which the snapshot
// numbered i+1, 0 for a new one. With it an event that the person caused before the snapshot arrived
// still finds its node.
type rename struct {
	seq uint32 // of the snapshot
	old []uint32
}

// renames are those of the last snapshots, oldest first.
type renames []rename

func (n *renames) add(r rename) {
	if len(*n) == maxRenames {
		*n = append((*n)[:0], (*n)[1:]...)
	}
	*n = append(*n, r)
}

// late notes, of nodes that have got their ids since the snapshot or got others, what they were called before it: ids and old are
// of the same nodes, in both 0 says that there is none.
func (r *rename) late(ids, old []uint32) {
	at := make(map[uint32]int, len(r.old))
	for i, id := range r.old {
		at[id] = i
	}
	for i := range min(len(ids), len(old)) {
		id, was := ids[i], old[i]
		if id == 0 || was == 0 || int(id) <= len(r.old) && r.old[id-1] == was {
			continue
		}
		if i, ok := at[was]; ok {
			r.old[i] = 0
		}
		if more := int(id) - len(r.old); more > 0 {
			r.old = append(r.old, make([]uint32, more)...)
		}
		r.old[id-1] = was
	}
}

// before are the ids that the nodes of the newest epoch had so many epochs ago; nil if that is not known.
func (n renames) before(epochs uint32) []uint32 {
	if epochs == 0 || int(epochs) > len(n) {
		return nil
	}
	ids := slices.Clone(n[len(n)-1].old)
	for _, r := range slices.Backward(n[len(n)-int(epochs) : len(n)-1]) {
		for i, id := range ids {
			ids[i] = 0
			if 0 < id && int(id) <= len(r.old) {
				ids[i] = r.old[id-1]
			}
		}
	}
	return ids
}

// current is the id that a node has now which had the given id for a page that had seen seq; 0 if it
// is gone. moved tells whether there was a snapshot since.
func (n renames) current(id, seen uint32) (now uint32, moved bool) {
	for _, r := range n {
		if seen >= r.seq {
			continue
		}
		moved = true
		found := uint32(0)
		for i, old := range r.old {
			if old == id {
				found = uint32(i) + 1
				break
			}
		}
		if id = found; id == 0 {
			return 0, true
		}
	}
	return id, moved
}

// resume takes a mount up where its page lost the connection: it sends again what the page has not
// had, or a snapshot where that is no longer known.
func (m *Mount) resume(p abi.ResumePoint) {
	m.shows = min(p.Epoch, m.epoch)
	m.resumed = &abi.Resumed{Mount: m.number, Epoch: m.epoch, Seq: p.Seq, Ev: m.received}
	m.replay = 0
	known := p.Epoch == m.epoch && p.Seq >= m.acked && p.Seq <= m.seq
	if known {
		m.ring.ack(p.Seq)
		m.acked = p.Seq
		known = m.ring.covers(m.now())
	}
	m.uploads.sendAgain()
	m.notice.again()
	m.page.again()
	switch {
	case !known && m.epoch > 0:
		m.snap = true
		m.resumed.Epoch, m.resumed.Seq = m.epoch+1, m.seq
		m.acked = m.seq
		m.ring.reset()
	case known:
		m.replay = len(m.ring.frames)
		m.replayPixels()
	default: // the page claims an epoch and there has been none
		m.resumed.Epoch, m.resumed.Seq = m.epoch, m.seq
	}
}

// replayPixels puts empty patches in the place of pixels that were lost, and sends the pixels anew.
func (m *Mount) replayPixels() {
	for i := range m.ring.frames {
		f := &m.ring.frames[i]
		if f.view == 0 {
			continue
		}
		m.surfaces.damage(f.view, f.area)
		head := abi.Patch{Mount: m.number, Seq: f.seq, AckEv: m.acknowledged}
		f.frame, f.view = head.AppendHead(nil), 0
		m.ring.bytes += len(f.frame)
	}
}

// maxNaks is how many NAKs of a mount are answered in a minute.
const maxNaks = 4

// lastNak is when a page may try again whose NAKs were too many.
const lastNak = 30 * time.Second

// receiveNak repairs what a page could not apply: it gets a snapshot. One of an epoch that is over crossed
// the snapshot on its way; one that refuses a snapshot has the epoch of that.
func (m *Mount) receiveNak(frame []byte) error {
	var f abi.Nak
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.gone() || f.Epoch < m.epoch || m.snap:
		return nil
	case f.Epoch > m.epoch || f.Seq > m.seq || !m.naks.take(1, m.now()):
		m.fail(abi.Fault{Code: abi.FaultProtocol, Retry: lastNak, Text: "The page cannot show what the plugin shows."})
		return nil
	}
	m.options.Logger.Warn("a page asks for a snapshot", slog.Uint64("mount", uint64(m.number)), slog.Uint64("seq", uint64(f.Seq)))
	m.snap, m.replay = true, 0
	m.acked = m.seq
	m.ring.reset()
	m.wakeUp()
	return nil
}
