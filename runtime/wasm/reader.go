package wasm

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Reader reads a part of a module. It remembers the first error and from then
// on is at its end and answers zero, so that a caller may read a whole
// structure before it asks Err.
type Reader struct {
	b    []byte
	pos  int
	base int64
	err  *Error
}

// NewReader returns a reader of b, which begins at offset base of its module.
func NewReader(b []byte, base int64) *Reader { return &Reader{b: b, base: base} }

// Reset makes r read b from its start, without an error.
func (r *Reader) Reset(b []byte, base int64) { *r = Reader{b: b, base: base} }

// Err returns the first error, nil if there was none.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Len returns how many bytes are left.
func (r *Reader) Len() int { return len(r.b) - r.pos }

// Pos returns how many bytes were read.
func (r *Reader) Pos() int { return r.pos }

// Offset returns where in the module the next byte is.
func (r *Reader) Offset() int64 { return r.base + int64(r.pos) }

// Seek makes pos the next byte to be read; it must be within the bytes.
func (r *Reader) Seek(pos int) {
	if r.err == nil && pos >= 0 && pos <= len(r.b) {
		r.pos = pos
	}
}

// Fail makes the first error "format" at the current offset.
func (r *Reader) Fail(format string, args ...any) { r.failAt(r.Offset(), format, args...) }

func (r *Reader) failAt(off int64, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: off, Msg: fmt.Sprintf(format, args...)}
	}
	r.pos = len(r.b)
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.pos >= len(r.b) {
		r.Fail("unexpected end")
		return 0
	}
	c := r.b[r.pos]
	r.pos++
	return c
}

// Peek returns the next byte without reading it, 0 at the end.
func (r *Reader) Peek() byte {
	if r.pos >= len(r.b) {
		return 0
	}
	return r.b[r.pos]
}

// Bytes reads n bytes. They point into the module.
func (r *Reader) Bytes(n uint32) []byte {
	if uint64(n) > uint64(r.Len()) {
		r.Fail("%d bytes wanted, %d left: unexpected end", n, r.Len())
		return nil
	}
	b := r.b[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// U32 reads an unsigned LEB128 number of at most 32 bits.
func (r *Reader) U32() uint32 {
	if r.pos < len(r.b) && r.b[r.pos] < 0x80 {
		r.pos++
		return uint32(r.b[r.pos-1])
	}
	return uint32(r.unsigned(32))
}

func (r *Reader) unsigned(bits uint) uint64 {
	var v uint64
	for shift := uint(0); ; shift += 7 {
		c := r.Byte()
		if r.err != nil {
			return 0
		}
		if left := bits - shift; left < 7 && c>>left != 0 {
			r.overlong(c, bits)
			return 0
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

// S32 reads a signed LEB128 number of at most 32 bits.
func (r *Reader) S32() int32 { return int32(r.signed(32)) }

// S33 reads a signed LEB128 number of at most 33 bits, as block types are.
func (r *Reader) S33() int64 { return r.signed(33) }

// S64 reads a signed LEB128 number of at most 64 bits.
func (r *Reader) S64() int64 { return r.signed(64) }

func (r *Reader) signed(bits uint) int64 {
	if r.pos < len(r.b) && r.b[r.pos] < 0x80 {
		r.pos++
		return int64(int8(r.b[r.pos-1]<<1)) >> 1
	}
	var v int64
	for shift := uint(0); ; shift += 7 {
		c := r.Byte()
		if r.err != nil {
			return 0
		}
		// In the last byte, what is beyond the number must repeat its sign.
		if left := bits - shift; left <= 7 {
			if top := int8(c<<1) >> left; c >= 0x80 || top != 0 && top != -1 {
				r.overlong(c, bits)
				return 0
			}
		}
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if shift+7 < 64 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
}

func (r *Reader) overlong(c byte, bits uint) {
	what := "too large"
	if c >= 0x80 {
		what = "too long"
	}
	r.failAt(r.Offset()-1, "integer representation %s: more than %d bits", what, bits)
}

// Count reads the length of a vector whose elements take at least size bytes
// each, and refuses one that the bytes left cannot hold.
func (r *Reader) Count(what string, size int) int {
	off := r.Offset()
	n := r.U32()
	if r.err == nil && uint64(n)*uint64(size) > uint64(r.Len()) {
		r.failAt(off, "%d %s do not fit into the %d bytes left: unexpected end", n, what, r.Len())
		return 0
	}
	return int(n)
}

// Name reads a name, which is UTF-8.
func (r *Reader) Name() string {
	off := r.Offset()
	b := r.Bytes(r.U32())
	if !utf8.Valid(b) {
		r.failAt(off, "malformed UTF-8 encoding of a name")
		return ""
	}
	return string(b)
}

// ValueType reads a value type.
func (r *Reader) ValueType() ValueType {
	t := ValueType(r.Byte())
	if r.err == nil && !t.Valid() {
		r.failAt(r.Offset()-1, "0x%02x is not a value type", byte(t))
	}
	return t
}

// Quote makes a name that came from a module fit to be shown: quoted, escaped,
// at most about 64 bytes of it.
func Quote(name string) string {
	if len(name) > 64 {
		cut := 64
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		return strings.ToValidUTF8(fmt.Sprintf("%+q...", name[:cut]), "")
	}
	return fmt.Sprintf("%+q", name)
}
