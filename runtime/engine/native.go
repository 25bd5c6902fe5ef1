package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"golang.org/x/sys/cpu"
)

// ErrStale says that an engine did not take Config.Native. Compile the module itself.
var ErrStale = errors.New("engine: machine code of another engine")

// nativeCode stands in for the directory in which wazero would keep machine code: bytes that the
// caller has authenticated, in memory where nobody can exchange them afterwards. A wazero.Runtime has
// one module of a guest, so there is one entry, whatever it is called.
type nativeCode struct {
	have []byte
	keep func(native []byte)
	made bool // wazero has compiled
}

// Get, Add and Delete are wazero's internal interface of a file cache.
func (n *nativeCode) Get([32]byte) (io.ReadCloser, bool, error) {
	if n.have == nil {
		return nil, false, nil
	}
	return io.NopCloser(bytes.NewReader(n.have)), true, nil
}

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
	n.keep(b.Bytes())
	return nil
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
	if n.have != nil && (err != nil || n.made) {
		return nil, ErrStale
	}
	n.have = nil // wazero has its own copy
	return compiled, err
}

// buildOf names the code of a dependency that makes machine code, for keys under which that is kept: a
// version, or where that says nothing, as in tests and with replaced modules, this very program.
func buildOf(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == path && d.Replace == nil && strings.HasPrefix(d.Version, "v") {
				return d.Version
			}
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

// machine names what machine code depends on besides what made it.
func machine() string {
	return fmt.Sprintf("%s/%s %+v %+v", goruntime.GOOS, goruntime.GOARCH, cpu.X86, cpu.ARM64)
}
