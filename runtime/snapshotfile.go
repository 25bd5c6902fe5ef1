package runtime

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/vitrine-run/vitrine/runtime/memory"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// ErrNoSnapshot says that every instance of a module has to start by itself: see Module.Get.
var ErrNoSnapshot = errors.New("runtime: the module has no snapshot: as it starts it calls the host, or changes what no snapshot holds")

// A SnapshotError says what is wrong with a snapshot that came with a module.
type SnapshotError struct{ Reason string }

func (e *SnapshotError) Error() string {
	return "runtime: snapshot: " + e.Reason + "; make it again of this module, or leave it out"
}

func badSnapshot(format string, args ...any) error {
	return &SnapshotError{fmt.Sprintf(format, args...)}
}

// The form of a snapshot in a file. All numbers are little-endian.
//
//	8 bytes   magic
//	32        SHA-256 of the module
//	8         what the guest's clock had come to, in nanoseconds
//	1         1 if random bytes are in it, else 0
//	8         length of memory in bytes
//	4         number of globals, and for each: type, 1 byte; value, 8
//	4         number of runs, and for each: where it begins, 8; length, 8; the bytes
//	32        SHA-256 of all before
//
// A run is pages of 4 KiB none of which is zero, and there is a page between two of them: so there is one way
// only to write a snapshot.
const (
	snapshotMagic = "vtrsnap\x01"
	snapshotHead  = len(snapshotMagic) + sha256.Size + 8 + 1 + 8 + 4
	snapshotGrain = 4096
	// Longer than any guest can take to start. A clock that goes on from anywhere is no use.
	mostMono = int64(time.Hour)
)

// snapshotData is a snapshot as a file has it.
type snapshotData struct {
	module  [sha256.Size]byte
	mono    int64
	random  bool
	size    uint64
	globals []globalValue
	runs    []snapshotRun
}

type globalValue struct {
	kind  wasm.ValueType
	value uint64
}

type snapshotRun struct {
	at    uint64
	bytes []byte // of the file
}

func (d *snapshotData) append(b []byte) []byte {
	from := len(b)
	b = append(append(b, snapshotMagic...), d.module[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(d.mono))
	b = append(b, 0)
	if d.random {
		b[len(b)-1] = 1
	}
	b = binary.LittleEndian.AppendUint64(b, d.size)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d.globals)))
	for _, g := range d.globals {
		b = binary.LittleEndian.AppendUint64(append(b, byte(g.kind)), g.value)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d.runs)))
	for _, r := range d.runs {
		b = binary.LittleEndian.AppendUint64(b, r.at)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(r.bytes)))
		b = append(b, r.bytes...)
	}
	sum := sha256.Sum256(b[from:])
	return append(b, sum[:]...)
}

// decodeSnapshot reads what append wrote and nothing else. It allocates no more than b is long, and what it
// returns points into b.
func decodeSnapshot(b []byte) (*snapshotData, error) {
	if len(b) < snapshotHead+4+sha256.Size || string(b[:len(snapshotMagic)]) != snapshotMagic {
		return nil, badSnapshot("it is none, or of another version of Vitrine")
	}
	b, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if want := sha256.Sum256(b); !bytes.Equal(sum, want[:]) {
		return nil, badSnapshot("it was damaged")
	}
	b = b[len(snapshotMagic):]
	d := &snapshotData{module: [sha256.Size]byte(b)}
	b = b[sha256.Size:]
	d.mono = int64(binary.LittleEndian.Uint64(b))
	d.random = b[8] == 1
	d.size = binary.LittleEndian.Uint64(b[9:])
	if b[8] > 1 || d.mono < 0 || d.mono > mostMono || d.size > 1<<32 || d.size%65536 != 0 {
		return nil, badSnapshot("its head is not possible")
	}
	b, err := d.decodeGlobals(b[17:])
	if err != nil {
		return nil, err
	}
	return d, d.decodeRuns(b)
}

func (d *snapshotData) decodeGlobals(b []byte) (rest []byte, err error) {
	n, b := uint64(binary.LittleEndian.Uint32(b)), b[4:]
	if uint64(len(b)) < 9*n+4 {
		return nil, badSnapshot("it ends too early")
	}
	d.globals = make([]globalValue, n)
	for i := range d.globals {
		g := globalValue{wasm.ValueType(b[0]), binary.LittleEndian.Uint64(b[1:])}
		switch g.kind {
		case wasm.I64, wasm.F64:
		case wasm.I32, wasm.F32:
			if g.value > math.MaxUint32 {
				return nil, badSnapshot("global %d has more than 32 bits", i)
			}
		default:
			return nil, badSnapshot("global %d is of no type that a snapshot holds", i)
		}
		d.globals[i], b = g, b[9:]
	}
	return b, nil
}

func (d *snapshotData) decodeRuns(b []byte) error {
	n, b := uint64(binary.LittleEndian.Uint32(b)), b[4:]
	if n > uint64(len(b))/(16+snapshotGrain) {
		return badSnapshot("it ends too early")
	}
	d.runs = make([]snapshotRun, n)
	next := uint64(0) // where a run may begin
	for i := range d.runs {
		if len(b) < 16 {
			return badSnapshot("it ends too early")
		}
		at, size := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		b = b[16:]
		switch {
		case size == 0 || size > uint64(len(b)) || (at|size)%snapshotGrain != 0:
			return badSnapshot("run %d of its memory is not possible", i)
		case at < next || at > d.size || size > d.size-at:
			return badSnapshot("run %d of its memory is not where it can be", i)
		}
		d.runs[i] = snapshotRun{at, b[:size:size]}
		for p := d.runs[i].bytes; len(p) > 0; p = p[snapshotGrain:] {
			if isZeroPage(p[:snapshotGrain]) {
				return badSnapshot("run %d of its memory has a page of zeros", i)
			}
		}
		b, next = b[size:], at+size+snapshotGrain
	}
	if len(b) > 0 {
		return badSnapshot("there is something behind it")
	}
	return nil
}

func isZeroPage(b []byte) bool { return bytes.Equal(b, zeroPage[:]) }

var zeroPage [snapshotGrain]byte

// pages are the runs as package memory takes them.
func (d *snapshotData) pages() iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for _, r := range d.runs {
			if !yield(r.at, r.bytes) {
				return
			}
		}
	}
}

// fits holds a snapshot against the module that it came with.
func (d *snapshotData) fits(m *Module) error {
	if d.module != m.digest {
		return badSnapshot("it is of another module")
	}
	if len(d.globals) != len(m.globals) {
		return badSnapshot("it has %d globals, the module %d", len(d.globals), len(m.globals))
	}
	for i, g := range d.globals {
		if g.kind != m.globals[i].kind {
			return badSnapshot("its global %d is of another type than the module's", i)
		}
	}
	least, most := uint64(0), uint64(0)
	if mem := m.info.Memory; mem != nil {
		least, most = mem.Min, min(m.limits.Memory, mem.Max)
	}
	if d.size < least || d.size > most {
		return badSnapshot("its memory of %d bytes is not within %d and %d", d.size, least, most)
	}
	return nil
}

// Snapshot returns what the module is when it has started, in a form that UseSnapshot takes: what starts with
// it need not start again. It is the same for everybody and holds nothing of anybody's, but what the module drew at
// random as it started, which random tells. A module that has none is ErrNoSnapshot.
func (m *Module) Snapshot(ctx context.Context) (snapshot []byte, random bool, err error) {
	if _, err := m.snapshot(ctx, ""); err != nil {
		return nil, false, err
	}
	if err := m.snaps.lock(ctx); err != nil {
		return nil, false, err
	}
	defer m.snaps.unlock() // until then nobody closes it
	s := m.snaps.snap
	if s == nil {
		return nil, false, ErrNoSnapshot
	}
	d := &snapshotData{module: m.digest, mono: s.mono, random: s.random}
	for i, v := range s.globals {
		kind := m.globals[i].kind
		if kind == wasm.I32 || kind == wasm.F32 {
			v = uint64(uint32(v))
		}
		d.globals = append(d.globals, globalValue{kind, v})
	}
	if s.image != nil {
		d.size = s.image.Size()
		for at, b := range s.image.Runs() {
			d.runs = append(d.runs, snapshotRun{at, b})
		}
	}
	return d.append(nil), s.random, nil
}

// UseSnapshot lets the module begin with what Snapshot has returned, perhaps elsewhere, and not start at all. It is
// for whoever has just compiled the module: before anything was made of it. The snapshot may come from
// a stranger, as the module itself: what does not belong to the module, is over its limits, or is of a module whose start
// section calls the host, so that it has none, is a *SnapshotError, and nothing was done.
func (m *Module) UseSnapshot(b []byte) error {
	d, err := decodeSnapshot(b)
	if err != nil {
		return err
	}
	if err := d.fits(m); err != nil {
		return err
	}
	if err := m.snaps.lock(context.Background()); err != nil {
		return err // never
	}
	defer m.snaps.unlock()
	if m.snaps.done {
		return errors.New("runtime: snapshot: the module has been used or closed")
	}
	s := &snapshot{globals: make([]uint64, len(d.globals)), mono: d.mono, random: d.random}
	for i, g := range d.globals {
		s.globals[i] = g.value
	}
	if m.info.Memory != nil {
		if s.image, err = memory.NewSparseImage(d.size, d.pages()); err != nil {
			return fmt.Errorf("runtime: snapshot: %w", err)
		}
	}
	if err := m.rehearse(s); err != nil {
		if s.image != nil {
			s.image.Close()
		}
		return err
	}
	m.setSnapshot(s)
	return nil
}

// rehearse makes a guest of a snapshot and lets it go: a start section runs each time that the module is instantiated,
// before there is anything to put a snapshot over, and what it does then may be what none can follow.
func (m *Module) rehearse(s *snapshot) error {
	if !m.info.Start {
		return nil
	}
	in, err := m.newInstance(&InstanceOptions{})
	if err != nil {
		return err
	}
	defer in.Close(context.Background()) // it is not running: closing it cannot fail
	err = in.copy(context.Background(), m.newGuest(in), s)
	var fault *Fault
	switch {
	case errors.Is(err, errUnlike):
		return badSnapshot("the module's start section changes a table, or what else no snapshot holds")
	case errors.As(err, &fault) && fault.Limit == LimitHostCalls:
		return badSnapshot("the module's start section calls the host")
	case errors.As(err, &fault):
		return badSnapshot("the module's start section does not end well: %s", fault.Message)
	}
	return err
}

// SnapshotSize is the most bytes that a snapshot of the module can have.
func (m *Module) SnapshotSize() uint64 {
	n := uint64(snapshotHead+4+sha256.Size) + 9*uint64(len(m.globals))
	if m.info.Memory != nil {
		pages := min(m.limits.Memory, 1<<32) / snapshotGrain
		n += pages*snapshotGrain + (pages+1)/2*16
	}
	return n
}
