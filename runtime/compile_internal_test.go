package runtime

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime/engine"
)

// watched is an engine that tells what is asked of it.
type watched struct {
	engine.Engine
	version string // "" is the engine's own
	before  func() // each compiling, not for what was kept

	compiled, recalled, open atomic.Int64
}

func (w *watched) Version() string {
	if w.version != "" {
		return w.version
	}
	return w.Engine.Version()
}

func (w *watched) Compile(ctx context.Context, code []byte, cfg *engine.Config) (engine.Module, error) {
	if cfg.Native == nil {
		w.compiled.Add(1)
		if w.before != nil {
			w.before()
		}
	}
	m, err := w.Engine.Compile(ctx, code, cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Native != nil {
		w.recalled.Add(1)
	}
	w.open.Add(1)
	return &watchedModule{m, w}, nil
}

type watchedModule struct {
	engine.Module
	w *watched
}

func (m *watchedModule) Close(ctx context.Context) error {
	m.w.open.Add(-1)
	return m.Module.Close(ctx)
}

// watchedRuntime is a Runtime with such an engine. When the test is over, no code must be left.
func watchedRuntime(t *testing.T, w *watched, name string, opts *CompilerOptions) *Runtime {
	t.Helper()
	c, err := NewCompiler(opts)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := New(&Options{Engine: name, Compiler: c})
	if err != nil {
		t.Fatal(err)
	}
	w.Engine = rt.engine
	rt.engine = w
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
		wait(t, func() bool { return w.open.Load() == 0 }) // somebody who has just got it sees that it is closed
	})
	return rt
}

func testModule(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustCompile(t *testing.T, rt *Runtime, name string) *Module {
	t.Helper()
	m, err := rt.Compile(context.Background(), testModule(t, name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func echo(t *testing.T, m *Module) {
	t.Helper()
	in, err := m.Instantiate(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	if out, err := in.Call(context.Background(), "echo", []byte("hello")); err != nil || string(out) != "hello" {
		t.Errorf("echo: %q, %v", out, err)
	}
}

func TestSameBytesAreCompiledOnce(t *testing.T) {
	release := make(chan struct{})
	w := &watched{before: func() { <-release }}
	rt := watchedRuntime(t, w, "", nil)
	code := testModule(t, "abi")
	modules := make([]*Module, 1000)
	var wg sync.WaitGroup
	for i := range modules {
		wg.Go(func() {
			m, err := rt.Compile(context.Background(), bytes.Clone(code), nil)
			if err != nil {
				t.Error(err)
			}
			modules[i] = m
		})
	}
	time.Sleep(10 * time.Millisecond)
	close(release)
	wg.Wait()
	if n := w.compiled.Load(); n != 1 {
		t.Errorf("compiled %d times", n)
	}
	for _, m := range modules[1:] {
		if err := errors.Join(m.Close(context.Background()), m.Close(context.Background())); err != nil {
			t.Fatal(err)
		}
	}
	echo(t, modules[0]) // what they share is there until the last has gone
	if err := modules[0].Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := w.open.Load(); n != 0 {
		t.Errorf("%d modules of the engine are open after the last Close", n)
	}
	// Other limits are other code.
	w.before = nil
	mustCompile(t, rt, "abi")
	if _, err := rt.Compile(context.Background(), code, &Limits{Table: 7}); err != nil {
		t.Fatal(err)
	}
	if n := w.compiled.Load(); n != 3 {
		t.Errorf("compiled %d times, want 3", n)
	}
}

func TestCompileReturnsWhenItsContextDoes(t *testing.T) {
	release := make(chan struct{})
	w := &watched{before: func() { <-release }}
	rt := watchedRuntime(t, w, "", nil)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := rt.Compile(ctx, testModule(t, "abi"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
	close(release)
	echo(t, mustCompile(t, rt, "abi")) // the first one's work is what the next one gets
	if n := w.compiled.Load(); n != 1 {
		t.Errorf("compiled %d times", n)
	}
	// Of what nobody has waited for, the newest is kept.
	again := make(chan struct{})
	w.before = func() { <-again }
	for i, name := range []string{"numbers", "grow", "names"} {
		ctx, cancel := context.WithCancel(context.Background())
		got := make(chan error, 1)
		go func() {
			_, err := rt.Compile(ctx, testModule(t, name), nil)
			got <- err
		}()
		wait(t, func() bool { return w.compiled.Load() == int64(i+2) })
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		again <- struct{}{}
		wait(t, func() bool { return w.open.Load() == 2 && orphanOf(rt) != nil && orphanOf(rt).err == nil })
	}
}

func orphanOf(rt *Runtime) *sharedCode {
	rt.codes.mu.Lock()
	defer rt.codes.mu.Unlock()
	return rt.codes.orphan
}

// wait waits for what other goroutines do.
func wait(t *testing.T, until func() bool) {
	t.Helper()
	for range 60_000 {
		if until() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it did not come")
}

// blocked is a Runtime that compiles "abi" and is held in the midst of it until release is closed; what becomes of it comes over first.
type blocked struct {
	*Runtime
	w       *watched
	release chan struct{}
	first   <-chan error
}

func newBlocked(t *testing.T, opts *CompilerOptions) *blocked {
	t.Helper()
	b := &blocked{release: make(chan struct{})}
	b.w = &watched{before: func() { <-b.release }}
	b.Runtime = watchedRuntime(t, b.w, "", opts)
	b.first = b.begin(t, "abi")
	wait(t, func() bool { return b.w.compiled.Load() > 0 })
	return b
}

func (b *blocked) begin(t *testing.T, name string) <-chan error {
	t.Helper()
	got := make(chan error, 1)
	code := testModule(t, name)
	go func() {
		_, err := b.Compile(context.Background(), code, nil)
		got <- err
	}()
	return got
}

func TestCompilingIsBoundedInNumber(t *testing.T) {
	b := newBlocked(t, &CompilerOptions{Compiles: 1, Queue: 1, Wait: time.Hour, Time: time.Hour})
	waits := b.begin(t, "numbers")
	wait(t, func() bool { return b.compiler.waiting.Load() > 0 })
	var busy *BusyError
	if err := <-b.begin(t, "names"); !errors.As(err, &busy) || busy.Waited != 0 {
		t.Errorf("beyond the queue: %v", err)
	}
	close(b.release)
	if err := errors.Join(<-b.first, <-waits); err != nil {
		t.Error(err)
	}
	if n := b.w.compiled.Load(); n != 2 {
		t.Errorf("compiled %d times: what was refused was compiled", n)
	}
}

func TestCompilingIsBoundedInTime(t *testing.T) {
	const most = 200 * time.Millisecond
	b := newBlocked(t, &CompilerOptions{Compiles: 1, Wait: most, Time: time.Hour})
	var busy *BusyError
	if err := <-b.begin(t, "numbers"); !errors.As(err, &busy) || busy.Waited != most {
		t.Errorf("longer than it may wait: %v", err)
	}
	close(b.release)
	if err := <-b.first; err != nil || b.w.compiled.Load() != 1 {
		t.Errorf("%v, compiled %d times: what was refused was compiled", err, b.w.compiled.Load())
	}

	b = newBlocked(t, &CompilerOptions{Compiles: 1, Time: most})
	var invalid *InvalidError
	if err := <-b.first; !errors.As(err, &invalid) || invalid.Limit != LimitCompileTime || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("longer than it may take: %v", err)
	}
	close(b.release)
	err := <-b.begin(t, "abi")
	for errors.As(err, &invalid) && invalid.Limit == LimitCompileTime { // on a machine that is busy it takes as long once more
		err = <-b.begin(t, "abi")
	}
	if err != nil {
		t.Fatal(err)
	}
	echo(t, mustCompile(t, b.Runtime, "abi"))
	if n := b.w.compiled.Load(); n != 1 {
		t.Errorf("compiled %d times: what took long was begun again", n)
	}
}

// What nobody waits for any more is not compiled when its turn comes.
func TestWhoLeavesTheQueueCostsNothing(t *testing.T) {
	release := make(chan struct{})
	w := &watched{before: func() { <-release }}
	rt := watchedRuntime(t, w, "", &CompilerOptions{Compiles: 1})
	go rt.Compile(context.Background(), testModule(t, "abi"), nil) // closed with the Runtime
	wait(t, func() bool { return w.compiled.Load() > 0 })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := rt.Compile(ctx, testModule(t, "numbers"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(release)
	mustCompile(t, rt, "abi")
	if n := w.compiled.Load(); n != 1 {
		t.Errorf("compiled %d times", n)
	}
}

func TestPanicWhileCompilingIsContained(t *testing.T) {
	var log bytes.Buffer
	w := &watched{before: func() { panic("secret of the host") }}
	rt := watchedRuntime(t, w, "", nil)
	rt.logger = slog.New(slog.NewTextHandler(&log, nil))
	_, err := rt.Compile(context.Background(), testModule(t, "abi"), nil)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || bytes.Contains([]byte(err.Error()), []byte("secret")) {
		t.Errorf("error %v", err)
	}
	if !bytes.Contains(log.Bytes(), []byte("secret of the host")) {
		t.Errorf("the log says %q", log.String())
	}
	w.before = nil
	echo(t, mustCompile(t, rt, "abi")) // and is not remembered
}

func TestCodeIsKeptForTheNextStart(t *testing.T) {
	for _, name := range engine.Names() {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			start := func(w *watched) {
				rt := watchedRuntime(t, w, name, &CompilerOptions{CacheDir: dir})
				m := mustCompile(t, rt, "abi")
				echo(t, m)
				want, err := Inspect(testModule(t, "abi"))
				if err != nil || m.exports["echo"] == nil || !reflect.DeepEqual(m.Info(), want) {
					t.Errorf("what is known of the module: %+v, not %+v (%v)", m.Info(), want, err)
				}
			}
			want := func(what string, w *watched, compiled, recalled int64) {
				t.Helper()
				if name == engine.Interpreter {
					compiled, recalled = 1, 0 // has nothing to keep
				}
				if w.compiled.Load() != compiled || w.recalled.Load() != recalled {
					t.Errorf("%s: compiled %d and recalled %d times, want %d and %d", what, w.compiled.Load(), w.recalled.Load(), compiled, recalled)
				}
			}
			var first, second, altered, again, other watched
			start(&first)
			want("first start", &first, 1, 0)
			start(&second)
			want("second start", &second, 0, 1)
			flip(t, dir, 0.5)
			start(&altered)
			want("altered", &altered, 1, 0)
			start(&again)
			want("after that", &again, 0, 1)
			if name != engine.Interpreter {
				other.version = "of another schedule"
			}
			start(&other)
			want("another version", &other, 1, 0)
		})
	}
}

// flip alters a byte of every entry, at a part of its length.
func flip(t *testing.T, dir string, where float64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b[int(where*float64(len(b)-1))] ^= 1
		if err := os.WriteFile(f, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Wherever an entry was altered, in its header, the module's hull or the machine code, it is not used, and
// what is compiled in its place is. Package cache tries every byte.
func TestAlteredCodeIsCompiledAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var w watched
	rt := watchedRuntime(t, &w, "", &CompilerOptions{CacheDir: dir})
	again := func() *Module { return mustCompile(t, rt, "abi") }
	if err := again().Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	const places = 32
	for i := range places + 1 {
		flip(t, dir, float64(i)/places)
		m := again()
		echo(t, m)
		if err := m.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w.compiled.Load() != int64(i+2) || w.recalled.Load() != int64(i) {
			t.Fatalf("altered at %d/%d: compiled %d and recalled %d times", i, places, w.compiled.Load(), w.recalled.Load())
		}
		if err := again().Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w.recalled.Load() != int64(i+1) {
			t.Fatalf("altered at %d/%d: what was compiled instead is not used", i, places)
		}
	}
}

// Machine code that is well authenticated and yet not this engine's is made anew.
func TestStaleCodeIsCompiledAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var w watched
	rt := watchedRuntime(t, &w, "", &CompilerOptions{CacheDir: dir})
	code := testModule(t, "abi")
	for _, native := range []string{"", "nonsense", "WAZEVO\x03dev\x00\x00\x00\x00", "WAZEVO\x07v0.0.0\x00\x00\x00\x00"} {
		hull, err := hullOf(code)
		if err != nil {
			t.Fatal(err)
		}
		before, err := declared(code)
		if err != nil {
			t.Fatal(err)
		}
		if err := rt.compiler.store.Put(rt.codeID(sha256.Sum256(code), DefaultLimits()), before, hull, []byte(native)); err != nil {
			t.Fatal(err)
		}
		m := mustCompile(t, rt, "abi")
		echo(t, m)
		if err := m.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if w.recalled.Load() != 0 {
		t.Errorf("%d entries that were no code were taken", w.recalled.Load())
	}
}

// Looking for kept code believes a module no more than compiling it does: a million types are refused
// before they are read, though the host has a directory.
func TestNothingIsBelievedBeforeItIsFound(t *testing.T) {
	rt := watchedRuntime(t, &watched{}, "", &CompilerOptions{CacheDir: filepath.Join(t.TempDir(), "cache")})
	code := append([]byte("\x00asm\x01\x00\x00\x00\x01"), 0xc3, 0x8d, 0xb7, 0x01, 0xc0, 0x84, 0x3d) // 3,000,003 bytes, 1,000,000 types
	code = append(code, bytes.Repeat([]byte{0x60, 0, 0}, 1_000_000)...)
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	_, err := rt.Compile(context.Background(), code, nil)
	goruntime.ReadMemStats(&after)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Offset != 13 {
		t.Errorf("error %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d bytes were allocated to refuse %d", n, len(code))
	}
}

// What a host does not offer or allow is refused whatever was kept.
func TestRecallJudgesAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var w watched
	mustCompile(t, watchedRuntime(t, &w, "", &CompilerOptions{CacheDir: dir}), "abi")
	rt := watchedRuntime(t, &watched{}, "", &CompilerOptions{CacheDir: dir})
	_, err := rt.Compile(context.Background(), testModule(t, "abi"), &Limits{Memory: 1})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Limit != LimitMemory {
		t.Errorf("error %v", err)
	}
}
