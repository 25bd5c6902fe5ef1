package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	goruntime "runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"golang.org/x/sys/cpu"
)

// ErrStale says that an engine did not take Config.Native. Compile the module itself.
var ErrStale = errors.New("engine: machine code of another engine")

// nativeCode stands in for the directory in which wazero would keep machine code. It reads what the
// caller authenticates, straight to where wazero wants it, where nobody can exchange it afterwards and nobody can run it
// before. A wazero.Runtime has one module of a guest, so there is one entry, whatever it is called.
type nativeCode struct {
	have Native // nil: there is none
	keep func(parts ...[]byte)
	made bool  // wazero has compiled
	err  error // of reading
}

// Get, Add and Delete are wazero's internal interface of a file cache.
func (n *nativeCode) Get([32]byte) (io.ReadCloser, bool, error) {
	if n.have == nil {
		return nil, false, nil
	}
	return &nativeReader{n: n}, true, nil
}

// nativeReader gives the parts one after the other, as one stream.
type nativeReader struct {
	n    *nativeCode
	next int    // part
	rest []byte // of the last
}

// Read implements io.Reader. A part for which there is room is read into that room.
func (r *nativeReader) Read(p []byte) (int, error) {
	have := r.n.have
	for len(r.rest) == 0 {
		if r.next == have.Parts() {
			return 0, io.EOF
		}
		part, size := r.next, have.Size(r.next)
		r.next++
		if size > 0 && size <= int64(len(p)) {
			populate(p[:size])
			if err := have.Read(part, p[:size]); err != nil {
				discard(p[:size]) // wazero leaves it mapped
				r.n.err = err
				return 0, err
			}
			return int(size), nil
		}
		r.rest = make([]byte, size)
		if err := have.Read(part, r.rest); err != nil {
			r.rest, r.n.err = nil, err
			return 0, err
		}
	}
	k := copy(p, r.rest)
	r.rest = r.rest[k:]
	return k, nil
}

// Close implements io.Closer.
func (r *nativeReader) Close() error { return nil }

// Add is called with what was compiled.
func (n *nativeCode) Add(_ [32]byte, content io.Reader) error {
	n.made = true
	if n.keep == nil {
		return nil
	}
	var b bytes.Buffer
	if l, ok := content.(interface{ Len() int }); ok {
		b.Grow(l.Len() + bytes.MinRead)
	}
	if _, err := b.ReadFrom(content); err != nil {
		return err
	}
	n.keep(splitNative(b.Bytes())...)
	return nil
}

// splitNative takes wazero's form apart: what is before the code, the code, what is behind it. The code is
// what wazero reads in one go. Another form stays in one piece, which costs time and nothing else.
//
//	6 bytes  WAZEVO
//	1        length of the version, and that many bytes
//	4        number of functions, and 8 bytes for each
//	8        length of the code
func splitNative(b []byte) [][]byte {
	whole := [][]byte{b}
	if len(b) < 7 {
		return whole
	}
	at := 7 + uint64(b[6])
	if uint64(len(b)) < at+4 {
		return whole
	}
	at += 4 + 8*uint64(binary.LittleEndian.Uint32(b[at:]))
	if uint64(len(b)) < at+8 {
		return whole
	}
	size := binary.LittleEndian.Uint64(b[at:])
	if at += 8; size > uint64(len(b))-at {
		return whole
	}
	return [][]byte{b[:at], b[at : at+size], b[at+size:]}
}

// Delete is called for an entry of another version.
func (n *nativeCode) Delete([32]byte) error { return nil }

// cache returns a wazero cache over n, nil if this wazero has another form than the one that this was
// written for. wazero offers directories only, checks them with a CRC, and runs what it finds; RATIONALE.md
// says why that is not good enough.
func (n *nativeCode) cache() wazero.CompilationCache {
	c := wazero.NewCompilationCache()
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	f := v.Elem().FieldByName("fileCache")
	if !f.IsValid() || f.Kind() != reflect.Interface || !reflect.TypeOf(n).Implements(f.Type()) {
		return nil
	}
	reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(reflect.ValueOf(n))
	return c
}

// configure makes a wazero.Runtime take machine code from cfg, or give it.
func (n *nativeCode) configure(rc wazero.RuntimeConfig) (wazero.RuntimeConfig, wazero.CompilationCache, error) {
	if n.have == nil && n.keep == nil {
		return rc, nil, nil
	}
	c := n.cache()
	switch {
	case c != nil:
		return rc.WithCompilationCache(c), c, nil
	case n.have != nil:
		return rc, nil, ErrStale
	}
	return rc, nil, nil
}

// compile compiles code. If there was machine code for it and wazero did not take that, code is a hull
// and what was compiled is worth nothing.
func (n *nativeCode) compile(ctx context.Context, rt wazero.Runtime, code []byte) (wazero.CompiledModule, error) {
	compiled, err := rt.CompileModule(ctx, code)
	switch {
	case n.err != nil:
		return nil, n.err
	case n.have != nil && (err != nil || n.made):
		return nil, ErrStale
	}
	n.have = nil // the caller closes it
	return compiled, err
}

// buildOf names the code of a dependency that makes machine code, for keys under which that is kept: a
// version, or where that says nothing, as in tests and with replaced modules, this very program.
func buildOf(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := versionOf(info, path); v != "" {
			return v
		}
	}
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	st, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d", exe, st.Size(), st.ModTime().UnixNano())
}

// versionOf is the version in which a program has a module, "" if none is known.
func versionOf(info *debug.BuildInfo, path string) string {
	for _, m := range slices.Concat(info.Deps, []*debug.Module{&info.Main}) {
		if m.Path == path && m.Replace == nil && strings.HasPrefix(m.Version, "v") {
			return m.Version
		}
	}
	return ""
}

// machine names what machine code depends on besides what made it: the processor, and the Vitrine that has checked and rewritten
// the module, which is not looked at again. In a working copy of Vitrine, which has no version, that is meter.Version's to say.
var machine = sync.OnceValue(func() string {
	vitrine := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		vitrine = versionOf(info, "github.com/vitrine-run/vitrine")
	}
	return fmt.Sprintf("%s/%s %+v %+v vitrine %s", goruntime.GOOS, goruntime.GOARCH, cpu.X86, cpu.ARM64, vitrine)
})
