package cache

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	goruntime "runtime"
	"sync"
	"sync/atomic"
)

// An entry is a header and the parts, one after the other. All numbers are little endian:
//
//	magic   8 bytes
//	id      32 bytes
//	count   uint32, of parts
//	sizes   uint64 each
//	hashes  SHA-256 of every MiB of every part, the last of a part as long as what is left
//	mac     HMAC-SHA256 of all before
//
// Pieces have hashes of their own so that several processors can check them at once.
const (
	magic    = "vtcache1"
	maxParts = 8
	piece    = 1 << 20
	fixed    = len(magic) + sha256.Size + 4
	// maxEntry bounds an entry, so that its header and what it takes in memory are bounded: machine
	// code takes some ten times the room of its module.
	maxEntry = 2 << 30
)

type header struct {
	id     ID
	sizes  []int64
	hashes [][sha256.Size]byte
}

func newHeader(id ID, parts [][]byte) (*header, error) {
	h := &header{id: id}
	var sum int64
	for _, p := range parts {
		h.sizes = append(h.sizes, int64(len(p)))
		sum += int64(len(p))
	}
	if len(parts) > maxParts || sum > maxEntry {
		return nil, fmt.Errorf("cache: %d parts of %d bytes, the limits are %d and %d", len(parts), sum, maxParts, maxEntry)
	}
	h.hashes = make([][sha256.Size]byte, pieces(h.sizes))
	return h, h.each(func(i, part int, from, to int64) error {
		h.hashes[i] = sha256.Sum256(parts[part][from:to])
		return nil
	})
}

func pieces(sizes []int64) (n int64) {
	for _, size := range sizes {
		n += (size + piece - 1) / piece
	}
	return n
}

// size is how long the header is in the file.
func (h *header) size() int64 { return headerSize(h.sizes) }

func headerSize(sizes []int64) int64 {
	return int64(fixed+8*len(sizes)) + (pieces(sizes)+1)*sha256.Size
}

// total is how long the entry is.
func (h *header) total() int64 {
	n := h.size()
	for _, size := range h.sizes {
		n += size
	}
	return n
}

func (h *header) encode(key []byte) []byte {
	b := append(make([]byte, 0, h.size()), magic...)
	b = append(b, h.id[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(h.sizes)))
	for _, size := range h.sizes {
		b = binary.LittleEndian.AppendUint64(b, uint64(size))
	}
	for i := range h.hashes {
		b = append(b, h.hashes[i][:]...)
	}
	return append(b, sum(key, b)...)
}

func sum(key, b []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(nil)
}

// decode reads an entry of that many bytes. Nothing is believed that the MAC does not cover, but for
// how long the header is, and that is held against the file.
func (s *Store) decode(r io.ReaderAt, size int64, id ID) ([][]byte, error) {
	h, err := s.readHeader(r, size, id)
	if err != nil {
		return nil, err
	}
	parts := make([][]byte, len(h.sizes))
	starts := make([]int64, len(h.sizes))
	at := h.size()
	for i, n := range h.sizes {
		parts[i], starts[i] = make([]byte, n), at
		at += n
	}
	err = h.each(func(i, part int, from, to int64) error {
		b := parts[part][from:to]
		if _, err := r.ReadAt(b, starts[part]+from); err != nil && err != io.EOF {
			return fmt.Errorf("cache: %w", err)
		}
		if sha256.Sum256(b) != h.hashes[i] {
			return ErrAltered
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return parts, nil
}

func (s *Store) readHeader(r io.ReaderAt, size int64, id ID) (*header, error) {
	var first [fixed + 8*maxParts]byte
	if size < int64(fixed) || size > 2*maxEntry {
		return nil, ErrAltered
	}
	n, err := r.ReadAt(first[:min(int64(len(first)), size)], 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("cache: %w", err)
	}
	count := binary.LittleEndian.Uint32(first[fixed-4:])
	if string(first[:len(magic)]) != magic || ID(first[len(magic):fixed-4]) != id || count > maxParts || n < fixed+8*int(count) {
		return nil, ErrAltered
	}
	h := &header{id: id}
	for i := range int(count) {
		n := binary.LittleEndian.Uint64(first[fixed+8*i:])
		if n > uint64(size) {
			return nil, ErrAltered
		}
		h.sizes = append(h.sizes, int64(n))
	}
	if h.total() != size {
		return nil, ErrAltered
	}
	b := make([]byte, h.size())
	if _, err := r.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("cache: %w", err)
	}
	signed, mac := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(mac, sum(s.key, signed)) {
		return nil, ErrAltered
	}
	// The file may have changed since sizes and id were read: what the MAC covers counts.
	for i, size := range h.sizes {
		if binary.LittleEndian.Uint64(b[fixed+8*i:]) != uint64(size) {
			return nil, ErrAltered
		}
	}
	if string(b[:fixed]) != string(first[:fixed]) {
		return nil, ErrAltered
	}
	h.hashes = make([][sha256.Size]byte, pieces(h.sizes))
	for i := range h.hashes {
		h.hashes[i] = [sha256.Size]byte(signed[fixed+8*len(h.sizes)+i*sha256.Size:])
	}
	return h, nil
}

// each calls f for every piece, on all processors, and returns one of its errors. The part's bytes
// from and to are those of piece i.
func (h *header) each(f func(i, part int, from, to int64) error) error {
	type span struct {
		part     int
		from, to int64
	}
	var spans []span
	for part, size := range h.sizes {
		for from := int64(0); from < size; from += piece {
			spans = append(spans, span{part, from, min(from+piece, size)})
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, min(len(spans), goruntime.GOMAXPROCS(0)))
	for worker := range errs {
		wg.Go(func() {
			for errs[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(spans) {
					return
				}
				errs[worker] = f(i, spans[i].part, spans[i].from, spans[i].to)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
