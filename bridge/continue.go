package bridge

import (
	"slices"

	"github.com/vitrine-run/vitrine/abi"
)

// A snapshot numbers all nodes anew. What is here tells which node is which across it: to the page, so that what a person typed, and
// the focus, stay with their node; and to the server, for events that were on their way. Where the snapshot shows the
// beginning of a large tree, the nodes behind it have no number yet: until their part is sent, coming knows what they were called.

// rename begins an epoch. old are the ids that the nodes of the newest tree had in the one before.
func (m *Mount) rename(old []uint32) {
	n := len(m.sent.Nodes)
	m.coming = nil
	if m.epoch == 0 {
		return
	}
	m.renames.add(rename{seq: m.seq + 1, old: slices.Clone(old[:n])})
	if n < len(old) {
		m.coming = old
	}
}

// appendWas appends to a snapshot what its nodes were in the epoch that the page shows, if that is known and leaves the frame shorter
// than most. The page shows the snapshot's from then on.
func (m *Mount) appendWas(b []byte, most int) []byte {
	shows := m.shows
	m.shows = m.epoch
	if shows == 0 {
		return b
	}
	was := m.renames.before(m.epoch - shows)
	if was == nil {
		return b
	}
	if out := abi.AppendWas(b, shows, was); len(out) <= most {
		return out
	}
	return b
}

// callComing gives ids of the epoch that ends to nodes which it has never come to show, so that the next knows what they were
// called before it. The page has not heard of these ids.
func (m *Mount) callComing(old []uint32) {
	for i := range m.coming {
		if m.coming[i] > 0 && old[i] == 0 {
			old[i] = m.nextID
			m.nextID++
		}
	}
	if m.coming != nil {
		m.renames[len(m.renames)-1].late(old, m.coming)
	}
}

// came notes what the nodes of a part that was sent were called before.
func (m *Mount) came(whole bool) {
	if m.coming != nil {
		m.renames[len(m.renames)-1].late(m.ids, m.coming)
	}
	if whole {
		m.coming = nil
	}
}

// follow keeps coming in step with the newest tree, which before was the newest until now.
func (m *Mount) follow(before *abi.Tree) {
	var d matcher
	d.match(before, &m.newest)
	coming := make([]uint32, len(m.newest.Nodes))
	for i, from := range d.from {
		if from >= 0 {
			coming[i] = m.coming[from]
		}
	}
	m.coming = coming
}

// locate finds the node that a page called id when it had seen seq: in the tree that was sent or, where the node is not sent
// yet, in the newest. The index is -1 if it is gone. moved tells whether there was a snapshot since.
func (m *Mount) locate(id, seen uint32) (t *abi.Tree, i int, moved bool) {
	now, moved := m.renames.current(id, seen)
	if i = slices.Index(m.ids, now); i >= 0 && now > 0 {
		return &m.sent, i, moved
	}
	if n := len(m.renames) - 1; n >= 0 && m.coming != nil && seen < m.renames[n].seq {
		if before, _ := m.renames[:n].current(id, seen); before > 0 {
			if i := slices.Index(m.coming, before); i >= 0 {
				return &m.newest, i, true
			}
		}
	}
	return &m.sent, -1, moved
}
