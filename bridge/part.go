package bridge

import "github.com/vitrine-run/vitrine/abi"

// A tree may be larger than a frame. Then a snapshot shows its beginning, and patches that follow insert
// the rest, each about this many bytes.
const partBytes = 192 << 10

// cost is at least as many bytes as node i takes in a frame.
func cost(t *abi.Tree, i int) int {
	const head, number = 16, 12
	n := head
	for _, p := range t.PropsOf(i) {
		n += number
		if p.Wire == abi.WireBytes {
			n += len(t.Bytes(p))
		}
	}
	return n
}

// fitting is how many nodes from the root on make a part, if the first from nodes need no room. It is
// one more than from at least, if there are more.
func fitting(t *abi.Tree, from int) int {
	room := partBytes
	for i := from; i < len(t.Nodes); i++ {
		if room -= cost(t, i); room < 0 && i > from {
			return i
		}
	}
	return len(t.Nodes)
}

// sendable tells whether each node of t fits in a frame.
func sendable(t *abi.Tree) bool {
	for i := range t.Nodes {
		if cost(t, i) > abi.MaxFrame-64 {
			return false
		}
	}
	return true
}

// truncate leaves the first n nodes of t.
func truncate(t *abi.Tree, n int) {
	for i := 0; i < n && n < len(t.Nodes); i++ {
		node := &t.Nodes[i]
		if i+int(node.Size) <= n {
			continue
		}
		node.Children = 0
		for c := i + 1; c < n; c += int(t.Nodes[c].Size) {
			node.Children++
		}
		node.Size = uint32(n - i) // its children are behind it and still whole
	}
	t.Nodes = t.Nodes[:n]
}

// target is what the next frame is to show of the newest tree. whole tells whether that is all of it.
func (m *Mount) target() (t *abi.Tree, whole bool) {
	n := len(m.newest.Nodes)
	if m.partly {
		n = fitting(&m.newest, len(m.sent.Nodes))
	}
	if n == len(m.newest.Nodes) {
		m.partly, m.part = false, abi.Tree{}
		return &m.newest, true
	}
	m.part.CopyFrom(&m.newest)
	truncate(&m.part, n)
	return &m.part, false
}

// took makes a target the tree that was sent.
func (m *Mount) took(t *abi.Tree, whole bool) {
	m.sent, *t = *t, m.sent
	m.dirty, m.matched = !whole, false
}
