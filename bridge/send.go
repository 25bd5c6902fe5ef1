package bridge

import "github.com/vitrine-run/vitrine/abi"

// Next appends the next frame for the page to b, if there is one that may be sent now. It is what
// makes a slow page cheap: nothing is encoded before there is room for it, and then the newest.
func (m *Mount) Next(b []byte) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wake == nil || m.ended || m.number == 0 {
		return b
	}
	switch {
	case m.fault != nil:
		m.fault.Mount, m.ended = m.number, true
		return m.fault.Append(b)
	case m.resumed != nil:
		b = m.resumed.Append(b)
		m.resumed = nil
		return b
	case m.uploads.unsent > 0:
		return m.uploads.next(b, m.number)
	case m.page.waits():
		return m.page.next(b, m.number)
	case m.replay > 0:
		m.replay--
		return append(b, m.ring.frames[len(m.ring.frames)-1-m.replay].frame...)
	case !m.visible || m.room() == 0 || !m.dirty && m.epoch == 0:
		return b
	}
	if m.snap || m.epoch == 0 {
		return m.nextSnap(b)
	}
	if out := m.nextNotice(b); len(out) > len(b) {
		return out
	}
	if m.dirty || m.settle || m.acknowledged > m.ackSent {
		if out := m.nextPatch(b); len(out) > len(b) {
			return out
		}
	}
	if !m.dirty {
		if out := m.nextEffect(b); len(out) > len(b) {
			return out
		}
	}
	if m.room() > 1 { // the last is kept for a patch
		return m.nextPixels(b)
	}
	return b
}

// room is how many frames the page may be sent.
func (m *Mount) room() uint32 { return window - min(window, m.seq-m.acked) }

// nextSnap appends a snapshot of the newest tree, which begins a new epoch.
func (m *Mount) nextSnap(b []byte) []byte {
	if !m.dirty {
		m.newest.CopyFrom(&m.sent)
		m.dirty, m.matched = true, false
	}
	old := m.oldIDs()
	m.sent.Reset()
	if m.partly = fitting(&m.newest, 0) < len(m.newest.Nodes); m.partly && !sendable(&m.newest) {
		return m.tooLarge(b)
	}
	tree, whole := m.target()
	m.took(tree, whole)
	m.rename(old)
	m.shown.renumber(old[:len(m.sent.Nodes)])
	m.ids = resized(m.ids, len(m.sent.Nodes))
	for i := range m.ids {
		m.ids[i] = uint32(i) + 1
	}
	m.nextID = uint32(len(m.ids)) + 1
	m.snap = false
	m.epoch++
	m.seq++
	head := abi.Snap{Mount: m.number, Epoch: m.epoch, Seq: m.seq, AckEv: m.acknowledged}
	out := m.writeSnap(head.AppendHead(b), m.snapTree())
	if len(out)-len(b) > abi.MaxFrame { // it is what the person has in fields that is too much
		out = m.writeSnap(head.AppendHead(b), &m.sent)
	}
	if len(out)-len(b) > abi.MaxFrame {
		return m.tooLarge(b)
	}
	out = m.appendWas(out, len(b)+abi.MaxFrame)
	m.ackSent = m.acknowledged
	m.ring.add(sentFrame{seq: m.seq, at: m.now()}) // a page that lacks it is in another epoch
	m.surfaces.show(&m.sent, m.ids, true)
	return out
}

func (m *Mount) writeSnap(b []byte, t *abi.Tree) []byte {
	m.writer.Reset()
	m.writer.Begin(b)
	m.writer.Node(t, 0)
	out := m.writer.Bytes()
	m.writer.Begin(nil)
	return out
}

// tooLarge ends the mount.
func (m *Mount) tooLarge(b []byte) []byte {
	m.fail(abi.Fault{Code: abi.FaultLimit, Text: "What the plugin shows is too large to be sent."})
	m.fault.Mount, m.ended = m.number, true
	return m.fault.Append(b)
}

// oldIDs are the ids that the nodes of the newest tree have in this epoch, 0 for new ones.
func (m *Mount) oldIDs() []uint32 {
	old := make([]uint32, len(m.newest.Nodes))
	if m.match() {
		for j, i := range m.differ.from {
			if i >= 0 {
				old[j] = m.ids[i]
			}
		}
	}
	m.callComing(old)
	return old
}

// match makes differ know how the newest tree continues the one that was sent.
func (m *Mount) match() bool {
	if !m.matched {
		m.differ.match(&m.sent, &m.newest)
		m.matched = true
	}
	return len(m.differ.from) > 0 && m.differ.from[0] == 0
}

// snapTree is what a snapshot shows: the tree, with what the person has in fields.
func (m *Mount) snapTree() *abi.Tree {
	if len(m.shown.fields) == 0 {
		return &m.sent
	}
	var t abi.Tree
	t.CopyFrom(&m.sent)
	m.shown.overlay(&t, m.ids)
	return &t
}

// nextPatch appends what the page lacks of the newest tree and of acknowledgements, if it lacks any.
func (m *Mount) nextPatch(b []byte) []byte {
	head := abi.Patch{Mount: m.number, Seq: m.seq + 1, AckEv: m.acknowledged}
	out := head.AppendHead(b)
	empty := len(out)
	m.writer.Begin(out)
	if m.dirty {
		tree, whole := m.target()
		if !m.differ.diff(&m.writer, &m.sent, tree, m.ids, m.nextID, &m.shown) {
			return m.nextSnap(b)
		}
		m.ids, m.differ.ids = m.differ.ids, m.ids
		m.nextID = m.differ.next
		m.took(tree, whole)
		m.came(whole)
		m.surfaces.show(&m.sent, m.ids, false)
	} else if m.settle {
		m.shown.settle(&m.writer, &m.sent, m.ids)
	}
	m.settle = false
	out = m.writer.Bytes()
	large := m.writer.TooLarge()
	m.writer.Begin(nil)
	switch {
	case len(out) == empty && m.acknowledged == m.ackSent:
		return b
	case len(out)-len(b) > abi.MaxFrame || large:
		return m.nextSnap(b)
	}
	m.seq++
	m.ackSent = m.acknowledged
	m.ring.add(sentFrame{seq: m.seq, frame: m.ring.copy(out[len(b):]), at: m.now()})
	return out
}

// nextPixels appends pixels that a canvas lacks.
func (m *Mount) nextPixels(b []byte) []byte {
	head := abi.Pixels{Mount: m.number, Seq: m.seq + 1, AckEv: m.acknowledged}
	out, node, area := m.surfaces.next(b, head)
	if len(out) > len(b) {
		m.seq++
		m.ackSent = m.acknowledged
		m.ring.add(sentFrame{seq: m.seq, at: m.now(), view: node, area: area})
	}
	return out
}
