package abi

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// Bounds of the strings that are interned: of this many bytes, and so many in an epoch.
const (
	internMin   = 3
	internMax   = 64
	internCount = 1024
)

// Strings interns the strings of one mount in one epoch, so that a repeated one costs a byte or two.
// Both sides keep the same table: a string of 3 to 64 bytes that is written out takes the next
// number, until there are 1,024. The zero value is an empty table; once it has grown it allocates nothing.
type Strings struct {
	buf   []byte   // the texts, one behind the other
	ends  []uint32 // by number: where the text ends in buf
	slots []uint16 // open addressing: number + 1
}

// Plugins choose the strings: the hash is seeded.
var stringSeed = maphash.MakeSeed()

// Reset empties the table, as a new epoch does.
func (s *Strings) Reset() { s.cut(0) }

// cut forgets all strings but the first n. The newest leaves first: no string that came before it was
// put further on because of it, so that its slot is simply free again.
func (s *Strings) cut(n int) {
	if n == 0 {
		clear(s.slots)
	} else {
		for k := len(s.ends) - 1; k >= n; k-- {
			at, _ := s.slot(s.text(k))
			s.slots[at] = 0
		}
	}
	s.ends = s.ends[:n]
	s.buf = s.buf[:s.start(n)]
}

func (s *Strings) start(n int) uint32 {
	if n == 0 {
		return 0
	}
	return s.ends[n-1]
}

func (s *Strings) text(n int) []byte { return s.buf[s.start(n):s.ends[n]] }

// slot is where a text is in the table, or where it belongs.
func (s *Strings) slot(text []byte) (at int, found bool) {
	mask := len(s.slots) - 1
	for at = int(maphash.Bytes(stringSeed, text)) & mask; s.slots[at] != 0; at = (at + 1) & mask {
		if bytes.Equal(s.text(int(s.slots[at])-1), text) {
			return at, true
		}
	}
	return at, false
}

// find is the number of a text.
func (s *Strings) find(text []byte) (number int, ok bool) {
	if len(s.ends) == 0 || len(text) < internMin || len(text) > internMax {
		return 0, false
	}
	at, ok := s.slot(text)
	return int(s.slots[at]) - 1, ok
}

// keep gives a text that is not in the table the next number, if there is one for it.
func (s *Strings) keep(text []byte) {
	if len(text) < internMin || len(text) > internMax || len(s.ends) == internCount {
		return
	}
	if 2*len(s.ends) >= len(s.slots) {
		s.slots = make([]uint16, max(16, 2*len(s.slots)))
		for k := range s.ends {
			at, _ := s.slot(s.text(k))
			s.slots[at] = uint16(k) + 1
		}
	}
	at, _ := s.slot(text)
	s.buf = append(s.buf, text...)
	s.ends = append(s.ends, uint32(len(s.buf)))
	s.slots[at] = uint16(len(s.ends))
}

// append appends a string: uvarint(number<<1 | 1), or uvarint(length<<1) and the bytes.
func (s *Strings) append(b, text []byte) []byte {
	if n, ok := s.find(text); ok {
		return binary.AppendUvarint(b, uint64(n)<<1|1)
	}
	s.keep(text)
	return append(binary.AppendUvarint(b, uint64(len(text))<<1), text...)
}

// cost is how many bytes append would write.
func (s *Strings) cost(text []byte) int {
	if n, ok := s.find(text); ok {
		return uvarintLen(uint64(n)<<1 | 1)
	}
	return uvarintLen(uint64(len(text))<<1) + len(text)
}

func uvarintLen(n uint64) int {
	size := 1
	for ; n > 127; n >>= 7 {
		size++
	}
	return size
}
