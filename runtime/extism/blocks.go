package extism

import (
	"encoding/binary"
	"math/bits"
)

// blocks is the memory that a plugin shares with its host: blocks of bytes at offsets. Offset 0 is
// no block. The plugin can load and store anywhere in it, so nothing that the host relies on is kept
// inside.
type blocks struct {
	limit  uint64            // bytes that all blocks may take, with what it costs to know them
	bytes  []byte            // offset 0 is bytes[0]; the first block is at blockAlign
	known  uint64            // how many offsets are, or were, those of blocks
	length map[uint64]uint64 // of the blocks that are there, by offset
	free   [64][]uint64      // offsets that were freed, by the class of their size
	work   uint64            // bytes that were cleared or copied, or nearly so
}

const (
	blockAlign = 16
	// blockCost is what a block costs the host besides its bytes, free or not.
	blockCost = 64
)

// class is the power of two that a block of n bytes is rounded up to, so that a freed one serves any
// other of its class.
func class(n uint64) int { return max(bits.Len64(n-1), bits.Len64(blockAlign-1)) }

// alloc returns the offset of a new block of n zero bytes; 0 if n is 0. It is false when that is
// over the limit.
func (b *blocks) alloc(n uint64) (uint64, bool) {
	if n == 0 {
		return 0, true
	}
	if n > b.limit {
		return 0, false
	}
	at, ok := b.find(class(n))
	if !ok {
		return 0, false
	}
	if b.length == nil {
		b.length = map[uint64]uint64{}
	}
	b.length[at] = n
	return at, true
}

// find finds room for a block: a freed one of its class; new room as long as that is plenty, so that long blocks stay whole;
// a part of a longer one; and the rest of the new room. Freed blocks are never joined.
func (b *blocks) find(c int) (at uint64, ok bool) {
	size := uint64(1) << c
	if len(b.free[c]) == 0 {
		if uint64(len(b.bytes))+size <= b.limit/2 {
			if at, ok = b.extend(size); ok {
				return at, true
			}
		}
		if !b.halve(c) {
			return b.extend(size)
		}
	}
	last := len(b.free[c]) - 1
	at = b.free[c][last]
	b.free[c] = b.free[c][:last]
	b.work += size
	clear(b.bytes[at : at+size])
	return at, true
}

// halve makes a free block of a class from one of a greater class.
func (b *blocks) halve(c int) bool {
	from := c + 1
	for from < len(b.free) && len(b.free[from]) == 0 {
		from++
	}
	if from >= len(b.free) || !b.allows(uint64(len(b.bytes))-blockAlign, uint64(from-c)) {
		return false
	}
	last := len(b.free[from]) - 1
	at := b.free[from][last]
	b.free[from] = b.free[from][:last]
	for ; from > c; from-- {
		b.free[from-1] = append(b.free[from-1], at+1<<(from-1))
		b.known++
	}
	b.free[c] = append(b.free[c], at)
	return true
}

// extend makes room at the end.
func (b *blocks) extend(size uint64) (at uint64, ok bool) {
	at = max(uint64(len(b.bytes)), blockAlign)
	end := at + size
	if !b.allows(end-blockAlign, 1) {
		return 0, false
	}
	b.work += size
	if end > uint64(cap(b.bytes)) {
		grown := make([]byte, end, max(end, min(2*end, b.limit+blockAlign)))
		copy(grown, b.bytes) // no more than twice what was asked for in all
		b.bytes = grown
	}
	b.bytes = b.bytes[:end]
	b.known++
	return at, true
}

// allows tells whether the limit has room for so many bytes and so many more offsets.
func (b *blocks) allows(bytes, more uint64) bool {
	return bytes+(b.known+more)*blockCost <= b.limit
}

// release frees the block at an offset; what is none is ignored, as Extism does.
func (b *blocks) release(at uint64) {
	n, ok := b.length[at]
	if !ok {
		return
	}
	delete(b.length, at)
	c := class(n)
	b.free[c] = append(b.free[c], at)
}

// block is the bytes of the block at an offset, a view.
func (b *blocks) block(at uint64) ([]byte, bool) {
	n, ok := b.length[at]
	if !ok {
		return nil, false
	}
	return b.bytes[at : at+n : at+n], true
}

// view is n bytes anywhere.
func (b *blocks) view(at, n uint64) ([]byte, bool) {
	if at > uint64(len(b.bytes)) || n > uint64(len(b.bytes))-at {
		return nil, false
	}
	return b.bytes[at : at+n : at+n], true
}

// put makes a block of a copy of p.
func (b *blocks) put(p []byte) (uint64, bool) {
	at, ok := b.alloc(uint64(len(p)))
	if ok && at != 0 {
		copy(b.bytes[at:], p)
	}
	return at, ok
}

func (b *blocks) load64(at uint64) (uint64, bool) {
	v, ok := b.view(at, 8)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint64(v), true
}

func (b *blocks) store64(at, value uint64) bool {
	v, ok := b.view(at, 8)
	if ok {
		binary.LittleEndian.PutUint64(v, value)
	}
	return ok
}

// maxKept is how many bytes are kept for the next call.
const maxKept = 1 << 20

// reset forgets every block. What was in them is gone as well.
func (b *blocks) reset() {
	if cap(b.bytes) > maxKept {
		b.bytes = nil
	}
	clear(b.bytes)
	b.bytes = b.bytes[:0]
	if len(b.length) > 1024 { // a map keeps the room of its widest day
		b.length = nil
	}
	clear(b.length)
	b.free = [64][]uint64{}
	b.known = 0
}
