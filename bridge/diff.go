package bridge

import (
	"bytes"

	"github.com/vitrine-run/vitrine/abi"
)

// differ writes the ops that turn the tree a page shows into a newer one. Its slices are reused, so
// that in the steady state a diff allocates nothing. The zero value is ready.
type differ struct {
	matcher
	out    *abi.PatchWriter
	oldIDs []uint32 // ids of the old tree's nodes
	ids    []uint32 // ids of the new tree's nodes: the result
	next   uint32   // the next id to give
	shown  *shown   // what the person put into fields
	a, b   *abi.Tree

	order       []int32 // scratch of longest
	piles, prev []int32
	stays       []bool // by new node: a child that need not move
}

// diff writes the ops to out. ids are those of a's nodes and next is the next free one; the result is
// the ids of b's nodes, valid until the next diff, and the next free id. It is false, and nothing
// is written, if b's root does not continue a's.
func (d *differ) diff(out *abi.PatchWriter, a, b *abi.Tree, ids []uint32, next uint32, shown *shown) bool {
	if !d.match(a, b) {
		return false
	}
	d.out, d.a, d.b, d.oldIDs, d.next, d.shown = out, a, b, ids, next, shown
	d.ids = resized(d.ids, len(b.Nodes))
	d.stays = resized(d.stays, len(b.Nodes))
	clear(d.stays)
	d.node(0, 0)
	d.out, d.a, d.b, d.oldIDs, d.shown = nil, nil, nil, nil, nil
	return true
}

// node writes what differs in old node i, which goes on as new node j, and in their children. The
// value of a field comes last: what it may be depends on its range and its options.
func (d *differ) node(i, j int32) {
	if d.equal[j] {
		d.unchanged(i, j)
		return
	}
	id := d.oldIDs[i]
	d.ids[j] = id
	field := holdsValue(d.b.Nodes[j].Component)
	d.props(id, i, j, field)
	d.handlers(id, i, j)
	if d.a.Nodes[i].Children > 0 || d.b.Nodes[j].Children > 0 {
		d.kids(id, i, j)
	}
	if field {
		d.shown.diff(d.out, id, d.a, int(i), d.b, int(j))
	}
}

// unchanged goes on with new node j and all in it, in which nothing differs from old node i: only what the person
// put into a field may have to be put right.
func (d *differ) unchanged(i, j int32) {
	size := int32(d.b.Nodes[j].Size)
	copy(d.ids[j:j+size], d.oldIDs[i:i+size])
	if len(d.shown.fields) == 0 {
		return
	}
	for k := range size {
		if holdsValue(d.b.Nodes[j+k].Component) {
			d.shown.diff(d.out, d.oldIDs[i+k], d.a, int(i+k), d.b, int(j+k))
		}
	}
}

func (d *differ) props(id uint32, i, j int32, field bool) {
	olds, news := d.a.PropsOf(int(i)), d.b.PropsOf(int(j))
	for len(olds) > 0 || len(news) > 0 {
		switch {
		case len(news) == 0 || len(olds) > 0 && olds[0].Number < news[0].Number:
			if !field || olds[0].Number != 0 {
				d.out.Unset(id, olds[0].Number)
			}
			olds = olds[1:]
		case len(olds) == 0 || news[0].Number < olds[0].Number:
			if !field || news[0].Number != 0 {
				d.out.Set(id, d.b, news[0])
			}
			news = news[1:]
		default:
			if (!field || news[0].Number != 0) && !equalProps(d.a, olds[0], d.b, news[0]) {
				d.set(id, j, olds[0], news[0])
			}
			olds, news = olds[1:], news[1:]
		}
	}
}

// set writes a property that was there with another value.
func (d *differ) set(id uint32, j int32, old, p abi.Prop) {
	if p.Number == 0 && abi.ComponentAt(d.b.Nodes[j].Component).Props[0].Kind == abi.KindText {
		d.out.Text(id, d.b, p, d.a.Bytes(old))
		return
	}
	d.out.Set(id, d.b, p)
}

func equalProps(a *abi.Tree, p abi.Prop, b *abi.Tree, q abi.Prop) bool {
	if p.Wire == abi.WireBytes {
		return bytes.Equal(a.Bytes(p), b.Bytes(q))
	}
	return p.Bits == q.Bits
}

// handlers writes which events are bound anew or no more. The numbers of handlers stay on the server.
func (d *differ) handlers(id uint32, i, j int32) {
	olds, news := d.a.HandlersOf(int(i)), d.b.HandlersOf(int(j))
	for len(olds) > 0 || len(news) > 0 {
		switch {
		case len(news) == 0 || len(olds) > 0 && olds[0].Event < news[0].Event:
			d.out.Off(id, olds[0].Event)
			olds = olds[1:]
		case len(olds) == 0 || news[0].Event < olds[0].Event:
			d.out.On(id, news[0].Event)
			news = news[1:]
		default:
			olds, news = olds[1:], news[1:]
		}
	}
}

// kids writes which children go, come and move, and then what differs in those that stay. A child
// that comes or moves is placed before the next one that does neither, so that one after the other
// they end up in order.
func (d *differ) kids(id uint32, i, j int32) {
	d.deletes(i)
	d.longest(j)
	end := j + int32(d.b.Nodes[j].Size)
	anchor := j + 1
	for c := j + 1; c < end; {
		if d.stays[c] {
			c += int32(d.b.Nodes[c].Size)
			continue
		}
		for anchor = max(anchor, c); anchor < end && !d.stays[anchor]; {
			anchor += int32(d.b.Nodes[anchor].Size)
		}
		var before uint32
		if anchor < end {
			before = d.oldIDs[d.from[anchor]]
		}
		if old := d.from[c]; old >= 0 {
			d.out.Move(d.oldIDs[old], before)
			c += int32(d.b.Nodes[c].Size)
			continue
		}
		c = d.insert(id, before, c, end)
	}
	for c := j + 1; c < end; c += int32(d.b.Nodes[c].Size) {
		if old := d.from[c]; old >= 0 {
			d.node(old, c)
		}
	}
}

// insert writes the new children from c on, up to the first that is not new, and returns what is
// behind them.
func (d *differ) insert(id, before uint32, c, end int32) int32 {
	first, count := c, 0
	for ; c < end && d.from[c] < 0; c += int32(d.b.Nodes[c].Size) {
		count++
	}
	d.out.Insert(id, before, d.b, int(first), count)
	for k := first; k < c; k++ {
		d.ids[k] = d.next
		d.next++
	}
	return c
}

func (d *differ) deletes(i int32) {
	end := i + int32(d.a.Nodes[i].Size)
	for c := i + 1; c < end; c += int32(d.a.Nodes[c].Size) {
		if d.kept[c] {
			continue
		}
		d.out.Delete(d.oldIDs[c])
		d.shown.forget(d.oldIDs[c : c+int32(d.a.Nodes[c].Size)])
	}
}

// longest marks the children of new node j that stay: those on a longest run of them that is still
// in the old order, so that as few as possible move.
func (d *differ) longest(j int32) {
	end := j + int32(d.b.Nodes[j].Size)
	d.order = d.order[:0]
	last, sorted := int32(-1), true
	for c := j + 1; c < end; c += int32(d.b.Nodes[c].Size) {
		if old := d.from[c]; old >= 0 {
			d.order = append(d.order, c)
			d.stays[c] = true
			sorted = sorted && old > last
			last = old
		}
	}
	if sorted {
		return
	}
	// Patience: piles[n] is the place in order of the smallest end of a run of length n+1.
	d.prev = resized(d.prev, len(d.order))
	d.piles = d.piles[:0]
	for k, c := range d.order {
		d.stays[c] = false
		low, high := 0, len(d.piles)
		for low < high {
			mid := (low + high) / 2
			if d.from[d.order[d.piles[mid]]] < d.from[c] {
				low = mid + 1
			} else {
				high = mid
			}
		}
		d.prev[k] = -1
		if low > 0 {
			d.prev[k] = d.piles[low-1]
		}
		if low == len(d.piles) {
			d.piles = append(d.piles, 0)
		}
		d.piles[low] = int32(k)
	}
	for k := d.piles[len(d.piles)-1]; k >= 0; k = d.prev[k] {
		d.stays[d.order[k]] = true
	}
}
