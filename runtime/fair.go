package runtime

import (
	"container/heap"
	"slices"
)

// A fairQueue holds who waits for something of which there is not enough, by principal. First comes the
// principal that has had least, and of what waits for one principal what came first: however much one
// principal asks for, another one waits for no more than what it has asked for itself.
type fairQueue[P party[T], T comparable] []P

// A party is what stands in a fairQueue for a principal: it embeds a line.
type party[T comparable] interface{ self() *line[T] }

// A line is what waits for one principal.
type line[T comparable] struct {
	service int64 // what the principal has had, in the unit of what is shared
	waiting []T   // the first to come first
	index   int   // in the queue; meaningless while nothing waits
}

func (l *line[T]) self() *line[T] { return l }

// queued tells whether something waits, which is when the line is in the queue.
func (l *line[T]) queued() bool { return len(l.waiting) > 0 }

// push puts w at the end of its principal's line.
func (q *fairQueue[P, T]) push(p P, w T) {
	l := p.self()
	l.waiting = append(l.waiting, w)
	if len(l.waiting) == 1 {
		heap.Push((*fairHeap[P, T])(q), p)
	}
}

// remove takes w out of its principal's line. It returns false if it is not in there.
func (q *fairQueue[P, T]) remove(p P, w T) bool {
	l := p.self()
	i := slices.Index(l.waiting, w)
	if i < 0 {
		return false
	}
	if l.waiting = slices.Delete(l.waiting, i, i+1); len(l.waiting) == 0 {
		heap.Remove((*fairHeap[P, T])(q), l.index)
	}
	return true
}

// serve says that a principal has now had as much as service.
func (q *fairQueue[P, T]) serve(p P, service int64) {
	l := p.self()
	if l.service == service {
		return
	}
	if l.service = service; l.queued() {
		heap.Fix((*fairHeap[P, T])(q), l.index)
	}
}

// fairHeap is a fairQueue as package heap sees it.
type fairHeap[P party[T], T comparable] []P

func (h fairHeap[P, T]) Len() int           { return len(h) }
func (h fairHeap[P, T]) Less(i, j int) bool { return h[i].self().service < h[j].self().service }

func (h fairHeap[P, T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].self().index, h[j].self().index = i, j
}

// Push implements heap.Interface.
func (h *fairHeap[P, T]) Push(x any) {
	p := x.(P)
	p.self().index = len(*h)
	*h = append(*h, p)
}

// Pop implements heap.Interface.
func (h *fairHeap[P, T]) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	var none P
	(*h)[last] = none
	*h = (*h)[:last]
	return p
}
