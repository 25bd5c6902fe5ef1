package host_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// version loads a module of testdata/versions as a version of the desk.
func version(t testing.TB, module, number string) *sandbox.Plugin {
	t.Helper()
	return versionIn(t, nil, nil, module, number)
}

// versionIn is version with instances out of a pool of the test's, and limits.
func versionIn(t testing.TB, pool *runtime.Pool, limits *runtime.Limits, module, number string) *sandbox.Plugin {
	t.Helper()
	wasm, err := os.ReadFile("testdata/versions/" + module + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p, err := sandbox.Load(context.Background(), rt, fstest.MapFS{
		"vitrine.json": {Data: []byte(`{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "` + number + `",
			"runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui"]}`)},
		"plugin.wasm": {Data: wasm},
	}, &sandbox.Policy{Logger: slog.New(slog.DiscardHandler), Limits: cmp.Or(limits, patient)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// atDesk puts a version at the place.
func atDesk(p *sandbox.Plugin) func(*host.Options) {
	return func(o *host.Options) {
		o.Places = map[string]host.Place{"desk": {Plugin: p, Grants: []abi.Capability{abi.CapUI}}}
	}
}

// deskWith is the desk of testdata as another version, with the images that are named.
func deskWith(t *testing.T, number string, images ...string) *sandbox.Plugin {
	t.Helper()
	dot, err := os.ReadFile("testdata/desk/dot.png")
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile("testdata/desk/plugin.wasm")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := json.Marshal(images)
	if err != nil {
		t.Fatal(err)
	}
	pkg := fstest.MapFS{
		"vitrine.json": {Data: []byte(`{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "` + number + `",
			"runtime": {"wasm": "plugin.wasm"}, "capabilities": ["ui"], "assets": ` + string(listed) + `}`)},
		"plugin.wasm": {Data: wasm},
	}
	for _, name := range images {
		pkg[name] = &fstest.MapFile{Data: dot}
	}
	return load(t, pkg)
}

// A page that was there when its plugin was replaced asks for images by the version that it was told of.
func TestReplaceTakesTheImagesAlong(t *testing.T) {
	p, s := open(t, atDesk(deskWith(t, "1.0.0", "dot.png", "old.png")))
	asset := func(v *visitor, path string, status int, caching string) {
		t.Helper()
		resp, body := v.send("GET", "/vitrine/assets/"+path, "")
		if got := resp.Header.Get("Cache-Control"); resp.StatusCode != status || !strings.Contains(got, caching) {
			t.Errorf("%s: %s %q, %s", path, resp.Status, got, body)
		}
	}
	p.shows(p.Pages[1], "0")
	if r, err := s.Replace(context.Background(), "desk", deskWith(t, "2.0.0", "dot.png", "new.png"), &host.ReplaceOptions{Remount: true}); err != nil || r.Fresh+r.Moved != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	other := s.visitor()
	other.ticket("desk")
	for _, v := range []*visitor{p.visitor, other} {
		asset(v, "desk/1.0.0/dot.png", 200, "no-store")
		asset(v, "desk/1.0.0/new.png", 200, "no-store")
		asset(v, "desk/2.0.0/new.png", 200, "immutable")
		asset(v, "desk/1.0.0/old.png", 404, "")
		asset(v, "desk/1.5.0/dot.png", 404, "")
	}
}

func TestReplaceTakesTheStateAlong(t *testing.T) {
	first, second := version(t, "keeper", "1.0.0"), version(t, "keeper", "2.0.0")
	p, s := open(t, atDesk(first))
	page := p.Pages[1]
	p.click(page, 0)
	p.click(page, 0)
	p.shows(page, "2")
	before := page.Epoch
	r, err := s.Replace(context.Background(), "desk", second, nil)
	if err != nil || r != (host.Replacement{Moved: 1}) {
		t.Fatalf("%+v, %v", r, err)
	}
	p.shows(page, "2")
	p.click(page, 0)
	p.shows(page, "3")
	// Nothing runs the old one any more, and new mounts get the new one.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := first.Close(ctx); err != nil {
		t.Error(err)
	}
	p.click(page, 0)
	p.shows(page, "4")
	p.shows(p.mount(2, p.ticket("desk")), "0")
	if page.Epoch != before {
		t.Errorf("epoch %d, it was %d: nothing in the page goes on", page.Epoch, before)
	}
	if page.Notice != "" || strings.Contains(s.log.String(), "failed") {
		t.Errorf("notice %q, log:\n%s", page.Notice, s.log)
	}
}

// What the person does while versions change is counted once, by whichever version.
func TestReplaceLosesNoEvent(t *testing.T) {
	p, s := open(t, atDesk(version(t, "keeper", "0.0.1")))
	page := p.Pages[1]
	replaced := make(chan error, 1)
	versions := make([]*sandbox.Plugin, 8)
	for i := range versions {
		versions[i] = version(t, "keeper", "1.0."+string(rune('0'+i)))
	}
	go func() {
		for _, next := range versions {
			if r, err := s.Replace(context.Background(), "desk", next, nil); err != nil || r.Moved != 1 {
				replaced <- errors.Join(err, errors.New("it did not move"))
				return
			}
		}
		replaced <- nil
	}()
	const clicks = 40
	for i := range clicks {
		p.click(page, 0)
		if i%4 == 0 {
			p.until("an answer", func() bool { return page.Root.Children != nil })
			p.shows(page, string(rune('0'+i+1)))
		}
	}
	p.shows(page, string(rune('0'+clicks)))
	if err := <-replaced; err != nil {
		t.Fatal(err)
	}
	p.click(page, 0)
	p.shows(page, string(rune('0'+clicks+1)))
}

// Whose plugin is busy keeps nobody else from the new version.
func TestReplaceDoesNotWaitForTheBusy(t *testing.T) {
	limits := &runtime.Limits{WallTime: time.Minute, Fuel: 1 << 60} // far more than Drain: it is stopped when the site is
	p, s := open(t, atDesk(versionIn(t, nil, limits, "keeper", "1.0.0")))
	next := version(t, "keeper", "2.0.0")
	const mounts = 6
	for n := uint32(2); n <= mounts; n++ {
		p.shows(p.mount(n, p.ticket("desk")), "0")
	}
	p.click(p.Pages[1], 2) // never ends by itself
	p.click(p.Pages[2], 0)
	p.shows(p.Pages[2], "1") // and so the other click has come as well
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan host.Replacement, 1)
	go func() {
		r, err := s.Replace(ctx, "desk", next, &host.ReplaceOptions{Probe: time.Hour, Drain: time.Hour})
		if err != nil {
			t.Error(err)
		}
		ended <- r
	}()
	waitFor(t, "the others have gone over", func() bool { return s.Running("desk", "2.0.0") == mounts-1 })
	stop()
	if r := <-ended; r.Kept < 1 || r.Moved+r.Kept != mounts || s.Running("desk", "1.0.0") != 1 {
		t.Errorf("%+v, %d run the version before", r, s.Running("desk", "1.0.0"))
	}
}

// A Replace that waits for another one at its place gives up when its context does.
func TestReplaceWaitsNoLongerThanItMay(t *testing.T) {
	p, s := open(t, atDesk(version(t, "keeper", "1.0.0")))
	second, third := version(t, "keeper", "2.0.0"), version(t, "keeper", "3.0.0")
	p.shows(p.mount(2, p.ticket("desk")), "0")
	p.click(p.Pages[1], 2) // never ends by itself
	p.click(p.Pages[2], 0)
	p.shows(p.Pages[2], "1") // and so the other click has come as well
	first, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := s.Replace(first, "desk", second, &host.ReplaceOptions{Drain: time.Hour})
		ended <- err
	}()
	waitFor(t, "the first has the place", func() bool { return s.Replacing("desk") })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Replace(ctx, "desk", third, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second: %v", err)
	}
	select {
	case err := <-ended:
		t.Errorf("the first was over before: %v", err)
	default:
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the first: %v", err)
	}
	if s.Replacing("desk") {
		t.Error("the place is still taken")
	}
}

func TestReplaceThatFailsChangesNothing(t *testing.T) {
	first := version(t, "keeper", "1.0.0")
	p, s := open(t, atDesk(first))
	page := p.Pages[1]
	p.click(page, 0)
	p.shows(page, "1")
	var fault *runtime.Fault
	if _, err := s.Replace(context.Background(), "desk", version(t, "broken", "2.0.0"), nil); !errors.Is(err, host.ErrReplace) || !errors.As(err, &fault) {
		t.Errorf("a version that cannot be mounted: %v", err)
	}
	if _, err := s.Replace(context.Background(), "nowhere", first, nil); err == nil {
		t.Error("there is no such place")
	}
	p.click(page, 0)
	p.shows(page, "2")
	p.shows(p.mount(2, p.ticket("desk")), "0")
}

func TestStateThatCannotGoOver(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		opts           *host.ReplaceOptions
		want           host.Replacement
		shows          string
	}{
		{"the new version breaks over it", "keeper", "deaf", nil, host.Replacement{Kept: 1}, "1"},
		{"and is to be shown all the same", "keeper", "deaf", &host.ReplaceOptions{Remount: true}, host.Replacement{Fresh: 1}, "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, s := open(t, atDesk(version(t, tt.from, "1.0.0")))
			page := p.Pages[1]
			p.click(page, 0)
			p.shows(page, "1")
			next := version(t, tt.to, "2.0.0")
			r, err := s.Replace(context.Background(), "desk", next, tt.opts)
			if err != nil || r != tt.want {
				t.Fatalf("%+v, %v; want %+v", r, err, tt.want)
			}
			if tt.want.Fresh > 0 {
				p.until("a notice", func() bool { return strings.Contains(page.Notice, "2.0.0") })
			}
			p.shows(page, tt.shows)
			p.click(page, 0)
			p.shows(page, string(rune(tt.shows[0]+1)))
		})
	}
	// The desk itself saves nothing.
	p, s := open(t, nil)
	page := p.Pages[1]
	p.click(page, 0)
	p.shows(page, "1")
	if r, err := s.Replace(context.Background(), "desk", version(t, "keeper", "2.0.0"), nil); err != nil || r.Kept != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	p.click(page, 0)
	p.shows(page, "2")
}

// A page may go while a new version takes over: then neither version is left.
func TestReplaceOfWhatIsGoing(t *testing.T) {
	pool, err := runtime.NewPool(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, s := open(t, atDesk(version(t, "keeper", "1.0.0")))
	p.click(p.Pages[1], 0)
	p.shows(p.Pages[1], "1")
	next := versionIn(t, pool, nil, "slow", "2.0.0")
	over := make(chan host.Replacement, 1)
	go func() {
		r, err := s.Replace(context.Background(), "desk", next, nil)
		if err != nil {
			t.Error(err)
		}
		over <- r
	}()
	// The probe's instance has come back, and another one restores.
	waitFor(t, "the new version takes over", func() bool { st := pool.Stats(); return st.Made+st.Reused > 1 && st.InUse == 1 })
	p.write((&abi.Unmount{Mount: 1}).Append(nil))
	if r := <-over; r.Moved > 1 {
		t.Errorf("%+v", r)
	}
	waitFor(t, "the mount gives everything back", func() bool { _, _, mounts := s.Outstanding(); return mounts == 0 })
	waitFor(t, "nothing of the new version is left", func() bool { return pool.Stats().InUse == 0 })
}
