package extism_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/internal/leak"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/runtime/extism/extismtest"
)

// The guests are assembled with wabt: apt-get install wabt
//
//go:generate wat2wasm testdata/hostile.wat -o testdata/hostile.wasm
//go:generate wat2wasm testdata/early.wat -o testdata/early.wasm
//go:generate wat2wasm testdata/late.wat -o testdata/late.wasm
//go:generate wat2wasm testdata/asks.wat -o testdata/asks.wasm
//go:generate wat2wasm testdata/talker.wat -o testdata/talker.wasm
//go:generate wat2wasm testdata/talks.wat -o testdata/talks.wasm
//go:generate wat2wasm testdata/canary.wat -o testdata/canary.wasm
//go:generate wat2wasm testdata/nest.wat -o testdata/nest.wasm

// kept is shared by all tests: with the race detector, compiling is what they would take their time for.
var kept *runtime.Compiler

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "extism")
	if err == nil {
		kept, err = runtime.NewCompiler(&runtime.CompilerOptions{CacheDir: filepath.Join(dir, "compiled"),
			Wait: 5 * time.Minute, Time: 5 * time.Minute})
	}
	if err != nil {
		panic(err)
	}
	leak.Main(m, func() { _ = os.RemoveAll(dir) }) // a temporary folder
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := extismtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func start(t testing.TB, name string, opts *extism.Options, inst *extism.InstanceOptions) *extism.Instance {
	t.Helper()
	if testing.Short() && len(read(t, name)) > 400<<10 {
		t.Skip("takes seconds to compile")
	}
	in, err := compiled(t, name, opts).Instantiate(context.Background(), inst)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(context.Background()) })
	return in
}

// plugins are those that were compiled without options, each once.
var plugins struct {
	sync.Mutex
	byName map[string]*extism.Plugin
}

func compiled(t testing.TB, name string, opts *extism.Options) *extism.Plugin {
	t.Helper()
	var o extism.Options
	if opts != nil {
		o = *opts
	}
	o.Compiler = kept
	var limits runtime.Limits
	if o.Limits != nil {
		limits = *o.Limits
	}
	limits.WallTime = cmp.Or(limits.WallTime, time.Minute) // what they compute is tested, not how fast this machine is
	o.Limits = &limits
	if opts == nil {
		plugins.Lock()
		defer plugins.Unlock()
		if p := plugins.byName[name]; p != nil {
			return p
		}
	}
	p, err := extism.Compile(context.Background(), read(t, name), &o)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case opts != nil:
		t.Cleanup(func() { _ = p.Close(context.Background()) })
	case plugins.byName == nil:
		plugins.byName = map[string]*extism.Plugin{name: p}
	default:
		plugins.byName[name] = p
	}
	return p
}

// TestPlugins wants of each plugin what the tests of Extism's SDK want of it.
func TestPlugins(t *testing.T) {
	config := func(kv ...string) *extism.InstanceOptions {
		o := &extism.InstanceOptions{Config: map[string]string{}}
		for i := 0; i < len(kv); i += 2 {
			o.Config[kv[i]] = kv[i+1]
		}
		return o
	}
	files := testFiles()
	for _, c := range []struct {
		plugin, call, input, want string
		opts                      *extism.Options
		inst                      *extism.InstanceOptions
	}{
		{plugin: "count_vowels.wasm", call: "count_vowels", input: "hello world", want: `{"count":3,"total":3,"vowels":"aeiouAEIOU"}`},
		{plugin: "count_vowels.wasm", call: "count_vowels", input: "", want: `{"count":0,"total":0,"vowels":"aeiouAEIOU"}`},
		{plugin: "count_vowels_std.wasm", call: "_start", input: "hello world", want: `{"count": 3, "config": "<unset by host>", "a": "this is var a"}`},
		{plugin: "replace.wasm", call: "run_test", input: "a test, and another test", want: "a wasm, and another wasm"},
		{plugin: "alloc.wasm", call: "run_test"},
		{plugin: "noop.wasm", call: "run_test"},
		{plugin: "println.wasm", call: "run_test"},
		{plugin: "config.wasm", call: "run_test", inst: config("thing", "hello"), want: `{"config": "hello"}`},
		{plugin: "config.wasm", call: "run_test", want: `{"config": "<unset by host>"}`},
		{plugin: "hello.wasm", call: "run_test", want: "Hello, world!"},
		{plugin: "hello_haskell.wasm", call: "testing", input: "John", inst: config("greeting", "Howdy"), want: "Howdy, John"},
		{plugin: "std_command.wasm", call: "_start", input: "ben", want: "hello ben"},
		{plugin: "input_offset.wasm", call: "input_offset_length", input: "hello world", want: "\x0b\x00\x00\x00\x00\x00\x00\x00"},
		{plugin: "read_write.wasm", call: "try_read", inst: files, want: "hello world!"},
		{plugin: "sleep.wasm", call: "run_test", inst: config("duration", "0"), want: "slept for 0 seconds"},
		{plugin: "main.wasm", call: "run_test", input: "benjamin", want: "Hello, BENJAMIN",
			opts: &extism.Options{Modules: map[string][]byte{"lib": read(t, "lib.wasm")}}},
		{plugin: "host.wasm", call: "run_test", want: "42 x 2 = 84", opts: &extism.Options{HostFuncs: []extism.HostFunc{multiply}}},
		{plugin: "host_memory.wasm", call: "run_test", input: "Frodo", want: "HELLO FRODO!",
			opts: &extism.Options{HostFuncs: []extism.HostFunc{text("host", "to_upper", bytes.ToUpper)}}},
		{plugin: "host_multiple.wasm", call: "say_green", input: "John Doe", want: "🟢:🫱 Hey from say_green John Doe", opts: messages},
		{plugin: "host_multiple.wasm", call: "say_purple", input: "Jane Doe", want: "🟣:👋 Hello from say_purple Jane Doe", opts: messages},
		{plugin: "http.wasm", call: "run_test", want: "GET https://jsonplaceholder.typicode.com/todos/1", opts: &extism.Options{HTTP: echo{}}},
		{plugin: "http_headers.wasm", call: "http_get", input: `{"url":"https://extism.org"}`, want: `{"content-type":"text/plain"}`,
			opts: &extism.Options{HTTP: echo{}}},
	} {
		t.Run(c.plugin+"/"+c.call, func(t *testing.T) {
			t.Parallel()
			in := start(t, c.plugin, c.opts, c.inst)
			got, err := in.Call(context.Background(), c.call, []byte(c.input))
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if in.Stats().Fuel == 0 {
				t.Error("it was not metered")
			}
		})
	}
}

// testFiles is a folder with the file that plugins look for.
func testFiles() *extism.InstanceOptions {
	return &extism.InstanceOptions{Config: map[string]string{"path": "/mnt/test.txt"},
		Dirs: []runtime.Dir{{Host: filepath.Join(filepath.Dir(must(extismtest.Dir())), "testdata"), Guest: "/mnt"}}}
}

func must(dir string, err error) string {
	if err != nil {
		panic(err)
	}
	return dir
}

var multiply = extism.HostFunc{Name: "mult", Params: i64s(2), Results: i64s(1),
	Call: func(_ *extism.Caller, s []uint64) { s[0] = uint64(uint32(s[0]) * uint32(s[1])) }}

func i64s(n int) []runtime.ValueType { return []runtime.ValueType{runtime.I64, runtime.I64}[:n] }

// text is a host function from a block to a block.
func text(module, name string, f func([]byte) []byte) extism.HostFunc {
	return extism.HostFunc{Module: module, Name: name, Params: i64s(1), Results: i64s(1),
		Call: func(c *extism.Caller, s []uint64) {
			answer := f(c.Read(s[0]))
			c.Free(s[0])
			s[0] = c.Write(answer)
		}}
}

var messages = &extism.Options{HostFuncs: []extism.HostFunc{
	text("", "hostGreenMessage", func(b []byte) []byte { return append([]byte("🟢:"), b...) }),
	text("", "hostPurpleMessage", func(b []byte) []byte { return append([]byte("🟣:"), b...) }),
}}

// echo answers with what was asked for.
type echo struct{}

func (echo) Do(_ context.Context, r *extism.Request) (*extism.Response, error) {
	return &extism.Response{Status: 200, Header: map[string]string{"content-type": "text/plain"},
		Body: []byte(r.Method + " " + r.URL)}, nil
}

// refuse is an HTTP that grants nothing.
type refuse struct{}

func (refuse) Do(context.Context, *extism.Request) (*extism.Response, error) {
	return nil, fmt.Errorf("%w: not this host", extism.ErrDenied)
}

// TestMisbehaving wants the right end for what Vitrine refuses or stops.
func TestMisbehaving(t *testing.T) {
	asleep := &extism.InstanceOptions{Config: map[string]string{"duration": "3"}, LiveClock: true}
	for name, c := range map[string]struct {
		plugin, call, input string
		opts                *extism.Options
		inst                *extism.InstanceOptions
		kind                runtime.FaultKind
	}{
		"sleep":            {plugin: "sleep.wasm", call: "run_test", opts: &extism.Options{Limits: &runtime.Limits{WallTime: time.Second}}, inst: asleep, kind: runtime.FaultDeadline},
		"http not granted": {plugin: "http.wasm", call: "run_test", kind: runtime.FaultDenied},
		"http refused":     {plugin: "http.wasm", call: "run_test", opts: &extism.Options{HTTP: refuse{}}, kind: runtime.FaultDenied},
		"no vars":          {plugin: "var.wasm", call: "run_test", inst: &extism.InstanceOptions{MaxVars: -1}, kind: runtime.FaultDenied},
		"fuel":             {plugin: "replace.wasm", call: "run_test", input: strings.Repeat("a", 1<<20), opts: &extism.Options{Limits: &runtime.Limits{Fuel: 100_000}}, kind: runtime.FaultFuel},
		"blocks":           {plugin: "hello.wasm", call: "run_test", input: strings.Repeat("a", 65<<20), kind: runtime.FaultMemory},
		"output":           {plugin: "hello.wasm", call: "run_test", opts: &extism.Options{Limits: &runtime.Limits{Output: 3}}, kind: runtime.FaultOutput},
		"host calls":       {plugin: "config.wasm", call: "run_test", opts: &extism.Options{Limits: &runtime.Limits{HostCalls: 3}}, kind: runtime.FaultFuel},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := start(t, c.plugin, c.opts, c.inst)
			_, err := in.Call(context.Background(), c.call, []byte(c.input))
			var fault *runtime.Fault
			if !errors.As(err, &fault) || fault.Kind != c.kind {
				t.Fatalf("got %v, want %s", err, c.kind)
			}
			if errors.Is(err, context.DeadlineExceeded) != (c.kind == runtime.FaultDeadline) {
				t.Errorf("%v and context.DeadlineExceeded", err)
			}
		})
	}
}

// TestOwnErrors wants of plugins that fail the code and the words that they fail with.
func TestOwnErrors(t *testing.T) {
	in := start(t, "fail.wasm", nil, nil)
	for range 2 { // it goes on
		_, err := in.Call(context.Background(), "run_test", nil)
		var own *extism.Error
		if !errors.As(err, &own) || own.Code != 1 || own.Message != "Some error message" {
			t.Errorf("fail.wasm: %v", err)
		}
	}
	for code, want := range map[string]uint32{"-1": 0xffffffff, "500": 500, "abc": 1, "": 2} {
		opts := &extism.InstanceOptions{Config: map[string]string{"code": code}}
		if code == "" {
			opts = nil
		}
		_, err := start(t, "exit.wasm", nil, opts).Call(context.Background(), "_start", nil)
		var exit *runtime.ExitError
		if !errors.As(err, &exit) || exit.Code != want {
			t.Errorf("exit.wasm with %q: %v, want code %d", code, err, want)
		}
	}
	files := testFiles()
	var own *extism.Error
	for _, plugin := range []string{"fs.wasm", "fs_std.wasm"} {
		if _, err := start(t, plugin, nil, files).Call(context.Background(), "run_test", nil); !errors.As(err, &own) || own.Code != 1 {
			t.Errorf("%s, which writes where nothing may be written: %v", plugin, err)
		}
	}
	in = start(t, "read_write.wasm", nil, files)
	if _, err := in.Call(context.Background(), "try_write", []byte("x")); err == nil || !strings.Contains(err.Error(), "Failed to write file") {
		t.Errorf("writing where nothing may be written: %v", err)
	}
	if _, err := in.Call(context.Background(), "no_such", nil); !errors.Is(err, runtime.ErrNoFunction) {
		t.Errorf("a function that is not there: %v", err)
	}
}

// TestRefused wants a clear error of modules that import what nobody gives them.
func TestRefused(t *testing.T) {
	for plugin, want := range map[string]string{
		"main.wasm":           "import lib.capitalize does not exist",
		"nested.c.instr.wasm": "invalid module", // instrumented for another host
		"host.wasm":           "import extism:host/user.mult does not exist",
	} {
		_, err := extism.Compile(context.Background(), read(t, plugin), nil)
		var invalid *runtime.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", plugin, err, want)
		}
	}
}

func TestVars(t *testing.T) {
	ten := binary.LittleEndian.AppendUint32(nil, 10)
	in := start(t, "var.wasm", nil, &extism.InstanceOptions{Vars: map[string][]byte{"a": ten}})
	for _, want := range []uint32{20, 40} {
		if _, err := in.Call(context.Background(), "run_test", nil); err != nil {
			t.Fatal(err)
		}
		if got := binary.LittleEndian.Uint32(append(in.Vars()["a"], make([]byte, 4)...)); got != want {
			t.Errorf("a is %d, want %d", got, want)
		}
	}
}

func TestLog(t *testing.T) {
	for level, want := range map[slog.Level]string{
		slog.LevelWarn:      "a warning log|an error log",
		slog.LevelDebug - 4: "a trace log|a debug log|an info log|a warning log|an error log",
	} {
		var out bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))
		in := start(t, "log.wasm", &extism.Options{Logger: logger}, nil)
		if _, err := in.Call(context.Background(), "run_test", nil); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.String(), "\n"); got != strings.Count(want, "|")+1 {
			t.Errorf("at %v: %d lines\n%s", level, got, out.String())
		}
		for _, w := range strings.Split(want, "|") {
			if !strings.Contains(out.String(), "this is "+w) {
				t.Errorf("at %v: no %q in\n%s", level, w, out.String())
			}
		}
	}
}

// TestCanceled wants a call that its caller gives up to end at once.
func TestCanceled(t *testing.T) {
	in := start(t, "sleep.wasm", nil, &extism.InstanceOptions{Config: map[string]string{"duration": "3"}, LiveClock: true})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := in.Call(ctx, "run_test", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestManyInstances wants instances of one plugin to know nothing of each other.
func TestManyInstances(t *testing.T) {
	ctx := context.Background()
	p := compiled(t, "count_vowels.wasm", nil)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			in, err := p.Instantiate(ctx, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer in.Close(ctx)
			for i, input := range []string{"aaa", "bbba"} {
				want := []string{`{"count":3,"total":3,"vowels":"aeiouAEIOU"}`, `{"count":1,"total":4,"vowels":"aeiouAEIOU"}`}[i]
				if got, err := in.Call(ctx, "count_vowels", []byte(input)); err != nil || string(got) != want {
					t.Errorf("%q, %v; want %s", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}
