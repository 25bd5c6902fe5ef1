package vitrine

import "sort"

// Still says that a node and all in it, handlers included, do not change any more. Shown again, as this very Node, it costs next to
// nothing however much is in it: the host is told to keep what it has. What is changed in it afterwards is not seen.
//
// Keep the node with what it shows, and make another one when that changes:
//
//	if order.row == nil {
//		order.row = v.Still(v.Row(...).Key(order.ID))
//	}
//	table.Add(order.row)
func Still(node Node) Node {
	if e := elementOf(node); e != nil && e.still == nil {
		e.still = &still{}
	}
	return node
}

// still is what is known of a node that does not change.
type still struct {
	base  uint32 // the number of its first handler, 0 until it has one
	funcs []any  // the handlers in it
	nodes uint32 // in it, itself included
	shown uint64 // the tree that had it last, counted from 1
	at    place  // where it was there
	next  place  // where it is in the tree that is being written
}

// place is the number of a node in a tree, and of what it stands in.
type place struct{ node, in uint32 }

// stills are the nodes that do not change of an emitter. Their handlers have numbers of their own, which they keep: those
// of the others are told apart by their first bit.
type stills struct {
	all     []*still // those whose handlers can be called, by base
	written []*still // in the tree that is being written
	last    uint64   // the number that was given last, beyond firstStill
	inside  *still   // that is being written
	moved   bool     // one that is kept is at another place than it was
	from    uint32   // the first of the nodes that are to be kept
	count   uint32   // and how many siblings they are
	behind  place    // where one more would be
}

const firstStill = 1 << 31

// add gives a still numbers for its handlers, unless there are no more numbers.
func (s *stills) add(of *still) bool {
	if s.known(of) {
		return true
	}
	if s.last >= firstStill-1<<20 { // more than a tree has
		return false
	}
	of.base, of.shown = uint32(firstStill+s.last), 0
	s.all = append(s.all, of)
	return true
}

// known tells whether a still has numbers here, and not where the plugin was mounted before.
func (s *stills) known(of *still) bool {
	at := s.search(of.base)
	return at >= 0 && s.all[at] == of
}

// search finds the last still that begins at a number or before, -1 if none does.
func (s *stills) search(number uint32) int {
	return sort.Search(len(s.all), func(i int) bool { return s.all[i].base > number }) - 1
}

// handler is the function with a number.
func (s *stills) handler(number uint32) any {
	if at := s.search(number); at >= 0 {
		if of := s.all[at]; number-of.base < uint32(len(of.funcs)) {
			return of.funcs[number-of.base]
		}
	}
	return nil
}

// accept says that the tree that was written is what the host has now.
func (s *stills) accept(render uint64) {
	for _, of := range s.written {
		of.at, of.shown = of.next, render
	}
	if len(s.all) < 2*len(s.written)+keptRenders {
		return
	}
	kept := s.all[:0]
	for _, of := range s.all {
		if of.shown+keptRenders >= render {
			kept = append(kept, of)
		}
	}
	clear(s.all[len(kept):])
	s.all = kept
}
