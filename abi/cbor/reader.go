package cbor

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// Kind is what the next item of a Reader is.
type Kind uint8

// The kinds of items. KindNone is the end of the input or an item this package refuses.
const (
	KindNone Kind = iota
	KindUint
	KindNegInt
	KindBytes
	KindText
	KindArray
	KindMap
	KindBool
	KindNull
	KindFloat
)

// Reader reads items one after the other. Its first error sticks: every later read returns a zero
// value, and Err tells what was wrong, so that a decoder can read all fields and ask once.
// Bytes and Text of a Reader alias its input. A Reader is for one goroutine.
type Reader struct {
	buf []byte
	pos int
	err error
}

var errTooDeep = fmt.Errorf("%w: nested deeper than %d", ErrSyntax, MaxDepth)

// NewReader returns a Reader of b.
func NewReader(b []byte) *Reader { return &Reader{buf: b} }

// Err is the first error, nil if there was none.
func (r *Reader) Err() error { return r.err }

// Offset is the position of the next item in the input.
func (r *Reader) Offset() int { return r.pos }

// End checks that nothing is left and returns the first error.
func (r *Reader) End() error {
	if r.err == nil && r.pos != len(r.buf) {
		r.fail("%d bytes are left over", len(r.buf)-r.pos)
	}
	return r.err
}

func (r *Reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: offset %d: %s", ErrSyntax, r.pos, fmt.Sprintf(format, args...))
	}
}

// Kind says what comes next without reading it.
func (r *Reader) Kind() Kind {
	if r.err != nil || r.pos >= len(r.buf) {
		return KindNone
	}
	b := r.buf[r.pos]
	switch b & 0xe0 {
	case majorUint:
		return KindUint
	case majorNegInt:
		return KindNegInt
	case majorBytes:
		return KindBytes
	case majorText:
		return KindText
	case majorArray:
		return KindArray
	case majorMap:
		return KindMap
	}
	switch b {
	case byteFalse, byteTrue:
		return KindBool
	case byteNull:
		return KindNull
	case byteFloat16, byteFloat32, byteFloat64:
		return KindFloat
	}
	return KindNone
}

// head reads an initial byte of the wanted major type and its argument in its shortest form.
func (r *Reader) head(major byte, want string) uint64 {
	if r.err != nil {
		return 0
	}
	if r.pos >= len(r.buf) {
		r.fail("the input ends where %s should be", want)
		return 0
	}
	b := r.buf[r.pos]
	if b&0xe0 != major {
		r.fail("0x%02x where %s should be", b, want)
		return 0
	}
	info := b & 0x1f
	if info < 24 {
		r.pos++
		return uint64(info)
	}
	if info > 27 {
		r.fail("indefinite or reserved length")
		return 0
	}
	return r.argument(info)
}

func (r *Reader) argument(info byte) uint64 {
	size := 1 << (info - 24)
	if len(r.buf)-r.pos-1 < size {
		r.fail("the input ends inside a number")
		return 0
	}
	n := r.bigEndian(size)
	smallest := [4]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24]
	if n < smallest {
		r.fail("a number is not in its shortest form")
		return 0
	}
	r.pos += 1 + size
	return n
}

// bigEndian reads size bytes after the initial byte without moving on.
func (r *Reader) bigEndian(size int) (n uint64) {
	for _, b := range r.buf[r.pos+1 : r.pos+1+size] {
		n = n<<8 | uint64(b)
	}
	return n
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.head(majorUint, "an unsigned integer") }

// Int reads a signed integer that fits 64 bits.
func (r *Reader) Int() int64 {
	start := r.pos
	major, negative := byte(majorUint), r.Kind() == KindNegInt
	if negative {
		major = majorNegInt
	}
	n := r.head(major, "an integer")
	if n > math.MaxInt64 {
		r.pos = start
		r.fail("an integer does not fit 64 bits")
		return 0
	}
	if negative {
		return ^int64(n)
	}
	return int64(n)
}

// Bytes reads a byte string; it aliases the input.
func (r *Reader) Bytes() []byte { return r.take(r.head(majorBytes, "a byte string")) }

// Text reads a text string, checked to be UTF-8; it aliases the input.
func (r *Reader) Text() []byte {
	b := r.take(r.head(majorText, "text"))
	if !validText(b) {
		r.fail("text is not valid UTF-8")
		return nil
	}
	return b
}

func (r *Reader) take(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(len(r.buf)-r.pos) {
		r.fail("a string of %d bytes, %d are left", n, len(r.buf)-r.pos)
		return nil
	}
	b := r.buf[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// Array reads the head of an array and returns its length, never more than bytes are left.
func (r *Reader) Array() int { return r.count(r.head(majorArray, "an array"), 1) }

// Map reads the head of a map and returns its number of pairs. The caller checks the key order
// (Unmarshal does).
func (r *Reader) Map() int { return r.count(r.head(majorMap, "a map"), 2) }

func (r *Reader) count(n uint64, size int) int {
	if r.err == nil && n > uint64((len(r.buf)-r.pos)/size) {
		r.fail("%d items cannot fit in the %d bytes left", n, len(r.buf)-r.pos)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	if r.Kind() != KindBool {
		r.fail("no boolean where one should be")
		return false
	}
	r.pos++
	return r.buf[r.pos-1] == byteTrue
}

// Null reads null.
func (r *Reader) Null() {
	if r.Kind() != KindNull {
		r.fail("no null where one should be")
		return
	}
	r.pos++
}

// Float reads a float in its shortest width.
func (r *Reader) Float() float64 {
	if r.Kind() != KindFloat {
		r.fail("no float where one should be")
		return 0
	}
	size := 2 << (r.buf[r.pos] - byteFloat16)
	if len(r.buf)-r.pos-1 < size {
		r.fail("the input ends inside a float")
		return 0
	}
	f := widen(r.bigEndian(size), size)
	var canonical [9]byte
	if string(AppendFloat(canonical[:0], f)) != string(r.buf[r.pos:r.pos+1+size]) {
		r.fail("a float is not in its shortest form")
		return 0
	}
	r.pos += 1 + size
	return f
}

func widen(bits uint64, size int) float64 {
	switch size {
	case 2:
		return fromFloat16(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// Number reads an integer or a float as a float.
func (r *Reader) Number() float64 {
	switch r.Kind() {
	case KindUint:
		return float64(r.Uint())
	case KindNegInt:
		return -1 - float64(r.head(majorNegInt, "an integer"))
	}
	return r.Float()
}

func validText(b []byte) bool { return utf8.Valid(b) }
