package runtime

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// aSnapshot is of no module: two globals and two runs in three pages of memory.
func aSnapshot() *snapshotData {
	d := &snapshotData{module: sha256.Sum256([]byte("module")), mono: 7, random: true, size: 3 * PageSize,
		globals: []globalValue{{wasm.I32, 1}, {wasm.F64, 1 << 62}}}
	full := bytes.Repeat([]byte{0xaa}, 2*snapshotGrain)
	d.runs = []snapshotRun{{0, full[:snapshotGrain]}, {16 * snapshotGrain, full}}
	return d
}

// resealed makes the sum right again, as who sends a hostile snapshot would.
func resealed(b []byte) []byte {
	b = b[:len(b)-sha256.Size]
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func TestSnapshotsAreReadAsWritten(t *testing.T) {
	b := aSnapshot().append(nil)
	d, err := decodeSnapshot(b)
	if err != nil || !bytes.Equal(d.append(nil), b) {
		t.Fatalf("%+v, %v", d, err)
	}
	for i := 0; i < len(b); i += 1 + i>>8 {
		b[i] ^= 1
		if _, err := decodeSnapshot(b); err == nil {
			t.Fatalf("byte %d altered, and taken", i)
		}
		b[i] ^= 1
	}
	for n := 0; n < len(b); n += 1 + n>>8 {
		if _, err := decodeSnapshot(b[:n]); err == nil {
			t.Fatalf("cut to %d bytes, and taken", n)
		}
		if cut := b[:n:n]; n >= sha256.Size {
			if _, err := decodeSnapshot(resealed(bytes.Clone(cut))); err == nil {
				t.Fatalf("cut to %d bytes, with a sum that is right, and taken", n)
			}
		}
	}
}

func TestHostileSnapshotsAreRefused(t *testing.T) {
	const (
		mono    = 8 + sha256.Size
		size    = mono + 9
		globals = size + 8
		runs    = globals + 4 + 2*9
		first   = runs + 4
	)
	put := func(at int, v uint64) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint64(b[at:], v) }
	}
	for _, c := range []struct {
		name, want string
		do         func([]byte)
	}{
		{"another version", "another version", func(b []byte) { b[7]++ }},
		{"a clock before its time", "head", put(mono, 1<<63)},
		{"a clock of next year", "head", put(mono, 365*24*3600*1e9)},
		{"half random", "head", func(b []byte) { b[mono+8] = 2 }},
		{"a terabyte of memory", "head", put(size, 1<<40)},
		{"part of a page", "head", put(size, 3*PageSize-1)},
		{"many globals", "too early", func(b []byte) { binary.LittleEndian.PutUint32(b[globals:], 1<<31) }},
		{"a reference", "no type", func(b []byte) { b[globals+4] = byte(wasm.FuncRef) }},
		{"wide", "32 bits", put(globals+5, 1<<32)},
		{"many runs", "too early", func(b []byte) { binary.LittleEndian.PutUint32(b[runs:], 1<<31) }},
		{"one run more", "too early", func(b []byte) { b[runs]++ }},
		{"one run less", "behind", func(b []byte) { b[runs]-- }},
		{"not at a page", "possible", put(first, 1)},
		{"behind memory", "where", put(first, 1<<62)},
		{"over the end", "where", put(first+16+snapshotGrain, 47*snapshotGrain)},
		{"runs that touch", "where", put(first+16+snapshotGrain, snapshotGrain)},
		{"runs that go back", "where", put(first, 32*snapshotGrain)},
		{"an empty run", "possible", put(first+8, 0)},
		{"a run longer than all", "possible", put(first+8, 1<<63)},
		{"zeros", "zeros", func(b []byte) { clear(b[first+16:][:snapshotGrain]) }},
	} {
		b := aSnapshot().append(nil)
		c.do(b)
		_, err := decodeSnapshot(resealed(b))
		var bad *SnapshotError
		if !errors.As(err, &bad) || !strings.Contains(bad.Reason, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	f.Add(aSnapshot().append(nil))
	f.Add((&snapshotData{}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > sha256.Size {
			b = resealed(bytes.Clone(b))
		}
		if d, err := decodeSnapshot(b); err == nil && !bytes.Equal(d.append(nil), b) {
			t.Errorf("taken, and written differently: %x", b)
		}
	})
}

// A start section runs before there is anything to put a snapshot over. What it may not do then is found when the
// snapshot comes, not at every Get.
func TestSnapshotsOfStartSectionsThatNoneCanFollow(t *testing.T) {
	ctx := context.Background()
	rt, err := New(&Options{HostFuncs: []HostFunc{{Module: "test:host", Name: "touch", Params: []ValueType{I32, I32}, Results: []ValueType{I32},
		Call: func(*Caller, []uint64) { t.Error("the host was called") }}}})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close(ctx)
	for name, want := range map[string]string{"start_host": "calls the host", "start_trap": "does not end well", "start_deep": ""} {
		code, err := os.ReadFile("testdata/" + name + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		m, err := rt.Compile(ctx, code, nil)
		if err != nil {
			t.Fatal(err)
		}
		d := &snapshotData{module: m.digest}
		for _, g := range m.globals {
			d.globals = append(d.globals, globalValue{kind: g.kind})
		}
		if m.info.Memory != nil {
			d.size = m.info.Memory.Min
		}
		err = m.UseSnapshot(d.append(nil))
		var bad *SnapshotError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case want != "" && (!errors.As(err, &bad) || !strings.Contains(bad.Reason, want)):
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if want != "" {
			continue
		}
		in, err := m.Get(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		in.Close(ctx)
	}
	if n := rt.pool.Stats(); n.InUse != 0 {
		t.Errorf("%+v", n)
	}
}
