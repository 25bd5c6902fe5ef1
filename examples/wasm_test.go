package examples_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/examples"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// build builds a plugin as `vitrine build` does and returns its folder: its manifest and its module.
func build(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a plugin")
	}
	dir := t.TempDir()
	manifest, err := os.ReadFile(filepath.Join(name, abi.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, abi.ManifestName), manifest, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s", "-buildmode=c-shared", "-o", filepath.Join(dir, "plugin.wasm"), "./"+name)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// load makes a plugin of a folder on an engine (the interpreter is ready sooner and runs slower), and a sandbox of it with all that its manifest asks for.
func load(t *testing.T, dir, engine string, opts *sandbox.Options) (*sandbox.Plugin, *sandbox.Sandbox) {
	t.Helper()
	return loadWithin(t, dir, engine, nil, opts)
}

// loadWithin is load with limits. Where they say nothing of time, a call has a minute: an interpreter under the race detector is slow.
func loadWithin(t *testing.T, dir, engine string, limits *runtime.Limits, opts *sandbox.Options) (*sandbox.Plugin, *sandbox.Sandbox) {
	t.Helper()
	ctx := context.Background()
	rt, err := runtime.New(&runtime.Options{Engine: engine, Compiler: compiler, HostFuncs: hostfuncs.Functions()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rt.Close(ctx) })
	var l runtime.Limits
	if limits != nil {
		l = *limits
	}
	l.WallTime = cmp.Or(l.WallTime, time.Minute)
	plugin, err := sandbox.Load(ctx, rt, os.DirFS(dir), &sandbox.Policy{Limits: &l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plugin.Close(ctx) })
	opts.Grants = plugin.Manifest().Capabilities
	box, err := plugin.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return plugin, box
}

// screen is a View that keeps what it was shown last.
type screen struct {
	mu     sync.Mutex
	tree   abi.Tree
	paints int
	fault  error
}

func (s *screen) Tree(t *abi.Tree) { s.mu.Lock(); defer s.mu.Unlock(); s.tree.CopyFrom(t) }
func (s *screen) Paint(*abi.Paint) { s.mu.Lock(); defer s.mu.Unlock(); s.paints++ }
func (s *screen) Done()            {}

func (s *screen) Fault(f *sandbox.Fault) { s.mu.Lock(); defer s.mu.Unlock(); s.fault = f }

// waitFor waits for a component with text in one of its properties, and returns its node.
func (s *screen) waitFor(t *testing.T, component string, text string) int {
	t.Helper()
	number, _, _ := abi.FindComponent(component)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		i := slices.IndexFunc(s.tree.Nodes, func(n abi.Node) bool { return n.Component == number })
		for ; i >= 0 && i < len(s.tree.Nodes); i++ {
			for _, p := range s.tree.PropsOf(i) {
				if p.Wire == abi.WireBytes && s.tree.Nodes[i].Component == number && bytes.Contains(s.tree.Bytes(p), []byte(text)) {
					s.mu.Unlock()
					return i
				}
			}
		}
		fault := s.fault
		s.mu.Unlock()
		if fault != nil {
			t.Fatal(fault)
		}
	}
	t.Fatalf("no %s with %q", component, text)
	return 0
}

// waitForNo waits until there is no component of a kind.
func (s *screen) waitForNo(t *testing.T, component string) {
	t.Helper()
	number, _, _ := abi.FindComponent(component)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		found := slices.ContainsFunc(s.tree.Nodes, func(n abi.Node) bool { return n.Component == number })
		s.mu.Unlock()
		if !found {
			return
		}
	}
	t.Fatalf("still a %s", component)
}

// fire sends the first event that a node is bound to.
func (s *screen) fire(t *testing.T, box *sandbox.Sandbox, node int, payload, file []byte) {
	t.Helper()
	s.mu.Lock()
	comp := abi.ComponentAt(s.tree.Nodes[node].Component)
	h := s.tree.HandlersOf(node)[0]
	s.mu.Unlock()
	in, err := abi.EventToGuest(nil, &comp.Events[h.Event], h.Handler, payload, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Event(func() ([]byte, bool) { return in, true }); err != nil {
		t.Fatal(err)
	}
}

// The import section of each plugin is within its manifest, and holds nothing it has no use for.
func TestImports(t *testing.T) {
	want := map[string][]string{
		"attendee": {
			"vitrine:core.again", "vitrine:core.take", "vitrine:data.start", "vitrine:props.read", "vitrine:sse.subscribe", "vitrine:ui.render",
		},
		"catalog": {"vitrine:core.again", "vitrine:ui.render"},
		"counter": {"vitrine:core.again", "vitrine:ui.render"},
		"fractal": {
			"vitrine:clock.monotonic", "vitrine:core.again", "vitrine:core.pending", "vitrine:core.take",
			"vitrine:props.read", "vitrine:ui.paint", "vitrine:ui.render",
		},
		"tablelens": {"vitrine:core.again", "vitrine:core.memory", "vitrine:core.take", "vitrine:props.read", "vitrine:ui.render"},
		"weatherboard": {
			"vitrine:core.again", "vitrine:core.cancel", "vitrine:core.take", "vitrine:http.request", "vitrine:http.start",
			"vitrine:jobs.progress", "vitrine:jobs.start", "vitrine:kv.get", "vitrine:kv.put", "vitrine:props.settings",
			"vitrine:ui.render",
		},
	}
	for _, name := range examples.Names() {
		t.Run(name, func(t *testing.T) {
			wasm, err := os.ReadFile(filepath.Join(build(t, name), "plugin.wasm"))
			if err != nil {
				t.Fatal(err)
			}
			info, err := runtime.Inspect(wasm)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, imp := range info.Imports {
				if imp.Module != abi.ModuleWASI {
					got = append(got, imp.Module+"."+imp.Name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want[name]) {
				t.Errorf("imports %q, want %q", got, want[name])
			}
			t.Logf("%d bytes", len(wasm))
		})
	}
}

func TestCounterInASandbox(t *testing.T) {
	s := new(screen)
	_, box := load(t, build(t, "counter"), "interpreter", &sandbox.Options{View: s})
	if err := box.Mount(abi.MountContext{Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	s.fire(t, box, s.waitFor(t, "button", "Clicks: 0"), nil, nil)
	s.fire(t, box, s.waitFor(t, "button", "Clicks: 1"), nil, nil)
	s.waitFor(t, "button", "Clicks: 2")
}

func TestFractalInASandbox(t *testing.T) {
	s := new(screen)
	_, box := load(t, build(t, "fractal"), "", &sandbox.Options{View: s})
	out, err := box.Call(context.Background(), "render", []byte(`{"width": 64, "height": 40}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(out)); err != nil {
		t.Error(err)
	}
	if _, err := box.Call(context.Background(), "render", []byte(`{"zoom": -1}`)); err == nil {
		t.Error("a negative zoom was taken")
	}
	start := time.Now()
	if err := box.Mount(abi.MountContext{Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	s.waitFor(t, "text", "Drawing, 0 %")
	first := time.Since(start)
	s.waitFor(t, "text", "Drawn in")
	t.Logf("first tree after %v, drawn after %v in %d paints; %+v", first, time.Since(start), s.paints, box.Stats())
}

// harbourBeyond6km counts the rides that the search in the test below finds.
func harbourBeyond6km(rides []byte) string {
	n := 0
	for line := range strings.Lines(string(rides)) {
		km, err := strconv.ParseFloat(strings.Split(line, ",")[3], 64)
		if err == nil && km > 6 && strings.Contains(line, "Harbour") {
			n++
		}
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func TestTablelensInASandbox(t *testing.T) {
	rides, err := examples.DataSet("rides.csv")
	if err != nil {
		t.Fatal(err)
	}
	props, err := cbor.Marshal(map[string]any{"name": "rides.csv", "csv": rides})
	if err != nil {
		t.Fatal(err)
	}
	s := new(screen)
	plugin, box := load(t, build(t, "tablelens"), "", &sandbox.Options{View: s, Props: props})
	t.Run("largest file", func(t *testing.T) { largestFileFits(t, plugin, rides) })
	start := time.Now()
	if err := box.Mount(abi.MountContext{Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	s.waitFor(t, "text", "50,044 rows in 11 columns")
	s.waitFor(t, "canvas", "Histogram of minutes")
	read := time.Since(start)
	start = time.Now()
	s.fire(t, box, s.waitFor(t, "column", "km"), nil, nil)
	s.waitFor(t, "progress", "Sorting")
	s.waitForNo(t, "progress")
	sortTime := time.Since(start)
	start = time.Now()
	var typed abi.PayloadWriter
	typed.Text("harbour km>6")
	s.fire(t, box, s.waitFor(t, "textfield", ""), typed.Bytes(), nil)
	s.waitFor(t, "text", harbourBeyond6km(rides)+" of 50,044 rows match")
	s.waitForNo(t, "progress")
	t.Logf("read in %v, sorted in %v, searched in %v; %+v", read, sortTime, time.Since(start), box.Stats())
}

// largestFileFits tests that the largest file that tablelens takes fits beside the one that it
// replaces into the memory that a plugin has by default, again and again.
func largestFileFits(t *testing.T, plugin *sandbox.Plugin, rides []byte) {
	const largest = 6 << 20
	_, rows, _ := bytes.Cut(rides, []byte("\n"))
	big := append(bytes.Clone(rides), rows[:largest-len(rides)]...)
	big = big[:bytes.LastIndexByte(big, '\n')+1]
	s := new(screen)
	box, err := plugin.New(&sandbox.Options{View: s, Grants: plugin.Manifest().Capabilities})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Mount(abi.MountContext{Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		start := time.Now()
		name := fmt.Sprintf("big%d.csv", i)
		var said abi.PayloadWriter
		said.Text(name)
		said.Text("text/csv")
		said.Int(int64(len(big)))
		s.fire(t, box, s.waitFor(t, "filefield", ""), said.Bytes(), big)
		s.waitFor(t, "heading", name)
		s.waitForNo(t, "progress")
		s.fire(t, box, s.waitFor(t, "column", "from"), nil, nil)
		s.waitFor(t, "progress", "Sorting")
		s.waitForNo(t, "progress")
		t.Logf("%d bytes read and sorted in %v, %d bytes of memory", len(big), time.Since(start), box.Stats().PeakMemory)
	}
}

// What tablelens takes follows the memory that it is given; what it does not take it refuses itself.
func TestTablelensFollowsItsMemory(t *testing.T) {
	rides, err := examples.DataSet("rides.csv")
	if err != nil {
		t.Fatal(err)
	}
	const copies = 4
	head, rows, _ := bytes.Cut(rides, []byte("\n"))
	big := slices.Concat(head, []byte("\n"), bytes.Repeat(rows, copies))
	dir := build(t, "tablelens")
	call := func(memory uint64) (string, error) {
		_, box := loadWithin(t, dir, "", &runtime.Limits{Memory: memory, WallTime: time.Minute}, &sandbox.Options{})
		out, err := box.Call(context.Background(), "analyze", big)
		return string(out), err
	}
	_, err = call(64 << 20)
	var failed *runtime.GuestError
	if !errors.As(err, &failed) || failed.Code != abi.CodeLimit || !strings.Contains(failed.Message, "the plugin may have 64 MiB") {
		t.Errorf("with 64 MiB: %v", err)
	}
	out, err := call(128 << 20)
	if want := fmt.Sprintf(`"rows": %d,`, copies*bytes.Count(rows, []byte("\n"))); err != nil || !strings.Contains(out, want) {
		t.Errorf("with 128 MiB: %v, %.200s", err, out)
	}
}
