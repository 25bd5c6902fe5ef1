package abi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// ErrMalformed is matched by every error that says that bytes from outside are not a tree, a drawing
// or a frame of this version.
var ErrMalformed = errors.New("abi: malformed")

// ErrLimit is matched by those of them that say that something is too large: too many bytes or nodes,
// too deep, too long. A host answers CodeLimit to it, to the others CodeInvalid.
var ErrLimit = fmt.Errorf("%w: too large", ErrMalformed)

// zigzag maps signed to unsigned so that small magnitudes stay small.
func zigzag(n int64) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

func appendText[T ~string | ~[]byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// reader takes a frame, a tree or a drawing apart. Its first error sticks and every later read
// returns zero, so that a decoder reads all fields and asks once.
type reader struct {
	buf []byte
	pos int
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: offset %d: %s", ErrMalformed, r.pos, fmt.Sprintf(format, args...))
	}
}

// exceed is fail for what is too large.
func (r *reader) exceed(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: offset %d: %s", ErrLimit, r.pos, fmt.Sprintf(format, args...))
	}
}

func (r *reader) left() int { return len(r.buf) - r.pos }

// end checks that nothing is left over.
func (r *reader) end() error {
	if r.err == nil && r.left() != 0 {
		r.fail("%d bytes are left over", r.left())
	}
	return r.err
}

func (r *reader) byte() byte {
	if r.err != nil || r.pos >= len(r.buf) {
		r.fail("the bytes end here")
		return 0
	}
	r.pos++
	return r.buf[r.pos-1]
}

// uvarint reads an unsigned LEB128 number in its shortest form.
func (r *reader) uvarint() uint64 {
	if r.err != nil {
		return 0
	}
	if r.pos < len(r.buf) && r.buf[r.pos] < 0x80 {
		r.pos++
		return uint64(r.buf[r.pos-1])
	}
	n, size := binary.Uvarint(r.buf[r.pos:])
	switch {
	case size <= 0:
		r.fail("no number here")
		return 0
	case r.buf[r.pos+size-1] == 0:
		r.fail("a number is not in its shortest form")
		return 0
	}
	r.pos += size
	return n
}

// number reads a uvarint that must not be above most.
func (r *reader) number(what string, most uint64) uint64 {
	n := r.uvarint()
	if r.err == nil && n > most {
		r.fail("%s %d is above %d", what, n, most)
		return 0
	}
	return n
}

// length reads the length of what, which must not be above most. It builds no text unless it fails:
// it runs for every property of every tree.
func (r *reader) length(what string, most int) uint64 {
	n := r.uvarint()
	if r.err == nil && n > uint64(most) {
		r.exceed("length of %s %d is above %d", what, n, most)
		return 0
	}
	return n
}

func (r *reader) uint32(what string) uint32 { return uint32(r.number(what, math.MaxUint32)) }

func (r *reader) varint() int64 { return unzigzag(r.uvarint()) }

// float reads a finite number.
func (r *reader) float() float64 {
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.fixed(8)))
	if r.err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		r.fail("%v is not a finite number", f)
		return 0
	}
	return f
}

var zeros [16]byte

// fixed reads n bytes, at most 16; it returns n bytes even after an error. They must not be written to.
func (r *reader) fixed(n int) []byte {
	if b := r.bytes(uint64(n)); r.err == nil {
		return b
	}
	return zeros[:n]
}

// bytes reads n bytes; they alias the input.
func (r *reader) bytes(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(r.left()) {
		r.fail("%d bytes announced, %d are left", n, r.left())
		return nil
	}
	b := r.buf[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// text reads a length and as many bytes of UTF-8; they alias the input.
func (r *reader) text(what string, most int) []byte {
	b := r.bytes(r.length(what, most))
	if r.err == nil && !utf8.Valid(b) {
		r.fail("%s is not valid UTF-8", what)
		return nil
	}
	return b
}

func (r *reader) rest() []byte { return r.bytes(uint64(r.left())) }
