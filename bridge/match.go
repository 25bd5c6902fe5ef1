package bridge

import (
	"bytes"
	"hash/maphash"

	"github.com/vitrine-run/vitrine/abi"
)

// matcher finds out which node of an old tree each node of a new one continues. Two nodes can only
// be the same if their parents are, their components are equal, and their keys are equal or both are
// missing; keyed children are matched by key wherever they went, others in order. It is linear in the
// size of both trees and, once its slices have grown, allocates nothing. The zero value is ready.
type matcher struct {
	from  []int32 // by new node: the old node that it continues, or -1
	kept  []bool  // by old node: whether a new node continues it
	equal []bool  // by new node: whether nothing in it is different, where that is seen at once

	oldKids, newKids []int32 // stacks of children, one frame for each level of the recursion
	table            []int32 // open addressing: key -> old child + 1
	heads            []int32 // by component: first unkeyed old child that is left + 1
	next             []int32 // by position among the old children: the next unkeyed one of its component + 1
	seed             maphash.Seed
	seeded           bool
}

// match fills from and kept. It is false if the roots differ, so that nothing continues.
func (d *matcher) match(a, b *abi.Tree) bool {
	d.from = resized(d.from, len(b.Nodes))
	for i := range d.from {
		d.from[i] = -1
	}
	d.kept = resized(d.kept, len(a.Nodes))
	clear(d.kept)
	d.equal = resized(d.equal, len(b.Nodes))
	clear(d.equal)
	if len(a.Nodes) == 0 || len(b.Nodes) == 0 || !same(a, b, 0, 0) {
		return false
	}
	d.pair(a, b, 0, 0)
	return true
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

func same(a, b *abi.Tree, i, j int32) bool {
	return a.Nodes[i].Component == b.Nodes[j].Component && bytes.Equal(a.Key(int(i)), b.Key(int(j)))
}

// pair says that old node i goes on as new node j, and matches what is in them.
func (d *matcher) pair(a, b *abi.Tree, i, j int32) {
	d.from[j], d.kept[i] = i, true
	if a.Same(int(i), b, int(j)) {
		d.equal[j] = true
		for k := range int32(b.Nodes[j].Size) {
			d.from[j+k], d.kept[i+k] = i+k, true
		}
		return
	}
	if a.Nodes[i].Children == 0 || b.Nodes[j].Children == 0 {
		return
	}
	oldBase, newBase := len(d.oldKids), len(d.newKids)
	d.oldKids = appendKids(d.oldKids, a, i)
	d.newKids = appendKids(d.newKids, b, j)
	olds, news := d.oldKids[oldBase:], d.newKids[newBase:]
	for len(olds) > 0 && len(news) > 0 && same(a, b, olds[0], news[0]) {
		d.from[news[0]] = olds[0]
		olds, news = olds[1:], news[1:]
	}
	for len(olds) > 0 && len(news) > 0 && same(a, b, olds[len(olds)-1], news[len(news)-1]) {
		d.from[news[len(news)-1]] = olds[len(olds)-1]
		olds, news = olds[:len(olds)-1], news[:len(news)-1]
	}
	if len(olds) > 0 && len(news) > 0 {
		d.shuffled(a, b, olds, news)
	}
	for k := newBase; k < newBase+int(b.Nodes[j].Children); k++ { // the stack may move below us
		if kid := d.newKids[k]; d.from[kid] >= 0 {
			d.pair(a, b, d.from[kid], kid)
		}
	}
	d.oldKids, d.newKids = d.oldKids[:oldBase], d.newKids[:newBase]
}

func appendKids(s []int32, t *abi.Tree, i int32) []int32 {
	end := i + int32(t.Nodes[i].Size)
	for c := i + 1; c < end; c += int32(t.Nodes[c].Size) {
		s = append(s, c)
	}
	return s
}

// shuffled matches children that are not simply in place.
func (d *matcher) shuffled(a, b *abi.Tree, olds, news []int32) {
	size := 4
	for size < 2*len(olds) {
		size *= 2
	}
	d.table = resized(d.table, size)
	clear(d.table)
	d.heads = resized(d.heads, abi.Components())
	clear(d.heads)
	d.next = resized(d.next, len(olds))
	for k := len(olds) - 1; k >= 0; k-- {
		if key := a.Key(int(olds[k])); len(key) > 0 {
			d.table[d.slot(a, key)] = olds[k] + 1
			continue
		}
		c := a.Nodes[olds[k]].Component
		d.next[k], d.heads[c] = d.heads[c], int32(k)+1
	}
	for _, kid := range news {
		c := b.Nodes[kid].Component
		if key := b.Key(int(kid)); len(key) > 0 {
			if old := d.table[d.slot(a, key)] - 1; old >= 0 && a.Nodes[old].Component == c {
				d.from[kid] = old
			}
			continue
		}
		if k := d.heads[c] - 1; k >= 0 {
			d.from[kid], d.heads[c] = olds[k], d.next[k]
		}
	}
}

// slot is where the old child with the key is in the table, or the free place where it belongs.
// Keys are the plugin's choice: the hash is seeded.
func (d *matcher) slot(a *abi.Tree, key []byte) int {
	if !d.seeded {
		d.seed, d.seeded = maphash.MakeSeed(), true
	}
	mask := len(d.table) - 1
	at := int(maphash.Bytes(d.seed, key)) & mask
	for d.table[at] != 0 && !bytes.Equal(a.Key(int(d.table[at]-1)), key) {
		at = (at + 1) & mask
	}
	return at
}
