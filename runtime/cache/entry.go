package cache

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// An entry is a header and the parts, one after the other. All numbers are little endian:
//
//	magic   8 bytes
//	id      32 bytes
//	count   uint32, of parts
//	salt    32 random bytes
//	sizes   uint64 each
//	tags    16 bytes for every 2 MiB of every part, the last of a part as long as what is left
//	mac     HMAC-SHA256 of all before
//
// Pieces have tags of their own so that several processors can check them at once, and each part by
// itself. A tag is GMAC (NIST SP 800-38D: AES-256-GCM of nothing, with the piece as what is
// authenticated), five times as fast as SHA-256. Its key is the entry's own, HMAC-SHA256 of the salt, and its nonce the number
// of the piece, so that none is used twice.
const (
	magic    = "vtcache2"
	maxParts = 8
	piece    = 2 << 20 // as a huge page
	saltAt   = len(magic) + sha256.Size + 4
	fixed    = saltAt + sha256.Size
	tagSize  = 16
	// maxEntry bounds an entry, so that its header and what it takes in memory are bounded: machine
	// code takes some ten times the room of its module.
	maxEntry = 2 << 30
)

type header struct {
	id    ID
	salt  [sha256.Size]byte
	sizes []int64
	tags  [][tagSize]byte
}

func newHeader(key []byte, id ID, parts [][]byte) (*header, error) {
	h := &header{id: id}
	rand.Read(h.salt[:])
	var sum int64
	for _, p := range parts {
		h.sizes = append(h.sizes, int64(len(p)))
		sum += int64(len(p))
	}
	if len(parts) > maxParts || sum > maxEntry {
		return nil, fmt.Errorf("cache: %d parts of %d bytes, the limits are %d and %d", len(parts), sum, maxParts, maxEntry)
	}
	h.tags = make([][tagSize]byte, pieces(h.sizes))
	mac, err := h.tagger(key)
	if err != nil {
		return nil, err
	}
	next := 0
	for i, size := range h.sizes {
		first := next
		next += int(pieces(h.sizes[i : i+1]))
		_ = each(size, func(n int, from, to int64) error {
			h.tags[first+n] = tag(mac, first+n, parts[i][from:to])
			return nil // always
		})
	}
	return h, nil
}

// tagger makes the tags of the entry's pieces.
func (h *header) tagger(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(sum(key, append([]byte("vitrine cache pieces"), h.salt[:]...)))
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	mac, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return mac, nil
}

func tag(mac cipher.AEAD, n int, b []byte) (t [tagSize]byte) {
	var nonce [12]byte
	binary.LittleEndian.PutUint64(nonce[:], uint64(n))
	mac.Seal(t[:0], nonce[:], nil, b)
	return t
}

func pieces(sizes []int64) (n int64) {
	for _, size := range sizes {
		n += (size + piece - 1) / piece
	}
	return n
}

// size is how long the header is in the file.
func (h *header) size() int64 {
	return int64(fixed+8*len(h.sizes)) + pieces(h.sizes)*tagSize + sha256.Size
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
	b = append(b, h.salt[:]...)
	for _, size := range h.sizes {
		b = binary.LittleEndian.AppendUint64(b, uint64(size))
	}
	for i := range h.tags {
		b = append(b, h.tags[i][:]...)
	}
	return append(b, sum(key, b)...)
}

func sum(key, b []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(nil)
}

// readHeader reads the header of an entry of that many bytes. Nothing is believed that the MAC does not cover, but for
// how long the header is, and that is held against the file.
func (s *Store) readHeader(r io.ReaderAt, size int64, id ID) (*header, error) {
	var first [fixed + 8*maxParts]byte
	if size < int64(fixed) || size > 2*maxEntry {
		return nil, ErrAltered
	}
	n, err := r.ReadAt(first[:min(int64(len(first)), size)], 0)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("cache: %w", err)
	}
	count := binary.LittleEndian.Uint32(first[saltAt-4:])
	if string(first[:len(magic)]) != magic || ID(first[len(magic):saltAt-4]) != id || count > maxParts || n < fixed+8*int(count) {
		return nil, ErrAltered
	}
	h := &header{id: id, salt: [sha256.Size]byte(first[saltAt:])}
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
	// The file may have changed since id, salt and sizes were read: what the MAC covers counts.
	at := fixed + 8*len(h.sizes)
	if string(b[:at]) != string(first[:at]) {
		return nil, ErrAltered
	}
	h.tags = make([][tagSize]byte, pieces(h.sizes))
	for i := range h.tags {
		h.tags[i] = [tagSize]byte(signed[at+i*tagSize:])
	}
	return h, nil
}

// An Entry is one whose header is authentic. Its parts are authenticated as they are read, into memory of
// the caller's: so that what is long lies at once where it is to be. It is safe for concurrent use.
// Whoever opened it closes it.
type Entry struct {
	f    *os.File
	head *header
	mac  cipher.AEAD
}

// Open opens an entry. If there is none, the error matches fs.ErrNotExist; if it is not ours, ErrAltered.
func (s *Store) Open(id ID) (*Entry, error) {
	f, err := openEntry(s.path(id))
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	e, err := s.open(f, id)
	if err != nil {
		if errors.Is(err, ErrAltered) {
			_ = os.Remove(f.Name()) // it will be written anew
		}
		_ = f.Close() // was only read from
		return nil, err
	}
	s.use(f.Name())
	return e, nil
}

func (s *Store) open(f *os.File, id ID) (*Entry, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, ErrAltered
	}
	h, err := s.readHeader(f, st.Size(), id)
	if err != nil {
		return nil, err
	}
	mac, err := h.tagger(s.key)
	return &Entry{f: f, head: h, mac: mac}, err
}

// Close gives the file back.
func (e *Entry) Close() error { return e.f.Close() }

// Parts is how many parts there are.
func (e *Entry) Parts() int { return len(e.head.sizes) }

// Size is how long a part is.
func (e *Entry) Size(part int) int64 { return e.head.sizes[part] }

// Read fills b, which is as long as the part, on all processors. What is in b is to be trusted only if there is no error: it
// is ErrAltered if the part is not what was put there, and then the entry has been removed.
func (e *Entry) Read(part int, b []byte) error {
	if int64(len(b)) != e.Size(part) {
		return fmt.Errorf("cache: %d bytes for a part of %d", len(b), e.Size(part))
	}
	start, first := e.head.size(), int(pieces(e.head.sizes[:part]))
	for _, size := range e.head.sizes[:part] {
		start += size
	}
	err := each(int64(len(b)), func(i int, from, to int64) error {
		p := b[from:to]
		if _, err := e.f.ReadAt(p, start+from); err != nil && err != io.EOF {
			return fmt.Errorf("cache: %w", err)
		}
		if got := tag(e.mac, first+i, p); !hmac.Equal(got[:], e.head.tags[first+i][:]) {
			return ErrAltered
		}
		return nil
	})
	if errors.Is(err, ErrAltered) {
		_ = os.Remove(e.f.Name()) // it will be written anew
	}
	return err
}

// each calls f for every piece of so many bytes, on all processors, and returns one of its errors.
func each(size int64, f func(i int, from, to int64) error) error {
	n := pieces([]int64{size})
	var next atomic.Int64
	work := func() error {
		for {
			i := next.Add(1) - 1
			if i >= n {
				return nil
			}
			if err := f(int(i), i*piece, min(i*piece+piece, size)); err != nil {
				return err
			}
		}
	}
	errs := make([]error, max(1, min(int(n), goruntime.GOMAXPROCS(0))))
	var others sync.WaitGroup
	for i := range errs[1:] {
		others.Go(func() { errs[i+1] = work() })
	}
	errs[0] = work()
	others.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}
