package memory

import (
	"bytes"
	"fmt"
	"iter"
)

// grain is the unit in which memories are compared and put back.
const grain = 4096

// An Image is what memories are put back to: the contents of one at some moment. It is safe for
// concurrent use. Whoever made it closes it, after the last memory that has it.
type Image struct {
	size uint64
	view []byte // the contents, read-only
	data []bool // by grain: whether there is anything but zeros
	file int    // a sealed memfd, -1 where there is none

	blind bool // for tests: the system cannot tell what was written to
}

// NewImage returns an image of b, whose length is a multiple of 64 KiB. Zero pages take no room
// where the system can leave them out.
func NewImage(b []byte) (*Image, error) {
	return NewSparseImage(uint64(len(b)), func(yield func(uint64, []byte) bool) { yield(0, b) })
}

// NewSparseImage returns an image of size bytes, a multiple of 64 KiB, that is zero but for runs:
// bytes, and where they begin. They must not reach beyond size, and begin and end at multiples of 4 KiB.
// They are not kept, and gone through once.
func NewSparseImage(size uint64, runs iter.Seq2[uint64, []byte]) (*Image, error) {
	if size%65536 != 0 {
		return nil, fmt.Errorf("memory: an image of %d bytes is not whole pages", size)
	}
	img := &Image{size: size, data: make([]bool, size/grain), file: -1}
	if err := img.store(img.nonzero(runs)); err != nil {
		img.Close()
		return nil, fmt.Errorf("memory: image: %w", err)
	}
	return img, nil
}

// nonzero goes through runs, without pages of zeros, and notes which pages it met.
func (img *Image) nonzero(runs iter.Seq2[uint64, []byte]) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for at, b := range runs {
			for from := 0; from < len(b); {
				to := from
				for to < len(b) && !isZero(b[to:][:grain]) {
					img.data[(at+uint64(to))/grain] = true
					to += grain
				}
				if to > from && !yield(at+uint64(from), b[from:to]) {
					return
				}
				from = to + grain
			}
		}
	}
}

// gather makes a copy of the contents in Go's memory.
func (img *Image) gather(runs iter.Seq2[uint64, []byte]) {
	img.view = make([]byte, img.size)
	for at, b := range runs {
		copy(img.view[at:], b)
	}
}

var zeros [grain]byte

func isZero(b []byte) bool { return bytes.Equal(b, zeros[:len(b)]) }

// Size is the length of the memory in bytes.
func (img *Image) Size() uint64 { return img.size }

// Resident is about how many bytes the image takes.
func (img *Image) Resident() uint64 {
	n := uint64(0)
	for _, some := range img.data {
		if some {
			n += grain
		}
	}
	return n
}

// Runs are the pages that are not zero, as NewSparseImage takes them, in ascending order and as long as can be. The bytes
// are valid until the image is closed.
func (img *Image) Runs() iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for i := 0; i < len(img.data); i++ {
			if !img.data[i] {
				continue
			}
			from := i
			for i < len(img.data) && img.data[i] {
				i++
			}
			if !yield(uint64(from)*grain, img.view[from*grain:i*grain]) {
				return
			}
		}
	}
}

// restore copies grains from..to of the image over those of b.
func (img *Image) restore(b []byte, from, to uint64) {
	for i := from; i < to; i++ {
		at := b[i*grain:][:grain]
		if img.data[i] {
			copy(at, img.view[i*grain:])
		} else {
			clear(at)
		}
	}
}

// Load makes the memory, which must be as long, that of the image, and lets Reset put it back to
// it. An earlier image is forgotten.
func (m *Memory) Load(img *Image) error {
	if m.size != img.size {
		return fmt.Errorf("memory: %d bytes, the image has %d", m.size, img.size)
	}
	m.image, m.remaps, m.warm = img, false, img.size // what it has comes as it is touched
	if m.mapped && img.file >= 0 && img.size > 0 {
		if err := img.mapOver(m.room); err != nil {
			return fmt.Errorf("memory: %w", err)
		}
		m.remaps = true
		return nil
	}
	img.restore(m.room, 0, uint64(len(img.data)))
	return nil
}

// keepDirty is how many bytes of a memory stay its own from one Reset to the next. A page that is
// kept costs a copy every time; one that is not costs a fault when it is next touched, which is
// five times as much, and no memory until then. bench/reset has the figures.
const keepDirty = 4 << 20

// Reset puts the memory back to its image: the bytes, and the length, which is then
// Image.Size. The engine has to be told of the length. It answers how many bytes of physical
// memory the memory still holds for itself. A memory without an image stays as it is.
func (m *Memory) Reset() (resident uint64, err error) {
	if m.image == nil {
		return m.size, nil
	}
	if err := m.shrink(m.image.size); err != nil {
		return 0, err
	}
	m.peak, m.warm, m.refused = m.size, m.size, false
	if !m.remaps {
		m.image.restore(m.room, 0, uint64(len(m.image.data)))
		return m.size, nil
	}
	return m.image.undo(m.room[:m.size], keepDirty)
}

// Shrunk says that the memory was put back to its image's length and that the next Reallocate is
// an engine's way to hear of it: it answers the memory as it is.
func (m *Memory) Shrunk() { m.shrunk = true }

// shrink gives back what is beyond size; it reads as zero when it comes again.
func (m *Memory) shrink(size uint64) error {
	if m.size <= size {
		return nil
	}
	if over := m.room[size:m.size]; m.mapped {
		if err := discard(over, m.guarded); err != nil {
			return fmt.Errorf("memory: giving back %d bytes: %w", len(over), err)
		}
	} else {
		clear(over)
	}
	m.size = size
	return nil
}

// A Patch is what tells a memory from its image: enough to make the same memory again.
type Patch struct {
	size   uint64
	grains []uint32
	bytes  []byte // of the grains, one after the other
}

// Size is the length of the memory, Bytes is about how much the patch itself takes.
func (p *Patch) Size() uint64 { return p.size }

// Bytes is about how much the patch takes.
func (p *Patch) Bytes() uint64 { return uint64(len(p.bytes) + 4*len(p.grains)) }

// Diff returns what tells the memory from its image. It must have one.
func (m *Memory) Diff() (*Patch, error) {
	var touched []uint32
	err := m.touched(func(from, to uint64) {
		for i := from; i < to; i++ {
			if !m.same(i) {
				touched = append(touched, uint32(i))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	p := &Patch{size: m.size, grains: make([]uint32, 0, len(touched)), bytes: make([]byte, 0, len(touched)*grain)}
	p.grains = append(p.grains, touched...)
	for _, i := range touched {
		p.bytes = append(p.bytes, m.room[uint64(i)*grain:][:grain]...)
	}
	return p, nil
}

// same tells whether a grain is as in the image, where everything behind its end is zero.
func (m *Memory) same(i uint64) bool {
	b := m.room[i*grain:][:grain]
	if i < uint64(len(m.image.data)) && m.image.data[i] {
		return bytes.Equal(b, m.image.view[i*grain:][:grain])
	}
	return isZero(b)
}

// touched calls f with ranges of grains that may differ from the image.
func (m *Memory) touched(f func(from, to uint64)) error {
	if m.remaps && !m.image.blind {
		if known, err := written(m.room[:m.size], f); known || err != nil {
			return err
		}
	}
	f(0, m.size/grain)
	return nil
}

// Apply makes the memory, which is as its image is but as long as the patch, the one that the
// patch is of.
func (m *Memory) Apply(p *Patch) error {
	if m.size != p.size {
		return fmt.Errorf("memory: %d bytes, the patch is for %d", m.size, p.size)
	}
	for n, i := range p.grains {
		copy(m.room[uint64(i)*grain:][:grain], p.bytes[n*grain:])
	}
	return nil
}
