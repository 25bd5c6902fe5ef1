package bridge_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// room is memory that mounts share.
type room struct {
	mu         sync.Mutex
	held, most int64
	asked      int
}

func (r *room) hold(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if n > 0 && r.held+n > r.most {
		return false
	}
	r.held += n
	return true
}

// sharing is a mount that shares r.
func sharing(t testing.TB, r *room) *bridge.Mount {
	t.Helper()
	m, _ := mounted(t, still{}, &bridge.MountOptions{Hold: r.hold})
	return m
}

// texts is a tree with a text of n bytes.
func textOf(n int) *abi.Tree {
	return in(func(w *abi.TreeWriter) {
		for ; n > 0; n -= 32 << 10 {
			w.Open(abi.ComponentText)
			w.Text(0, strings.Repeat("x", min(n, 32<<10)))
			w.Close()
		}
	})
}

func square(side int) *abi.Paint {
	return &abi.Paint{Surface: 1, SurfaceWidth: side, SurfaceHeight: side, Width: 1, Height: 1, Format: abi.PaintRGB, Pixels: make([]byte, 3)}
}

// refused fails unless the page of m is told that the server has no room for it, and when to try again.
func refused(t *testing.T, m *bridge.Mount) {
	t.Helper()
	var f abi.Fault
	if err := f.Parse(m.Next(nil)); err != nil {
		t.Fatal(err)
	}
	if f.Code != abi.FaultUnavailable || f.Retry <= 0 || f.Mount != 1 {
		t.Errorf("the page hears %+v", f)
	}
}

// TestRoomIsShared: what mounts hold together is bounded, and who asks for more than is left ends, the others go on.
func TestRoomIsShared(t *testing.T) {
	for name, more := range map[string]func(m *bridge.Mount) error{
		"pixels": func(m *bridge.Mount) error { return m.Paint(square(512)) },
		"a tree": func(m *bridge.Mount) error {
			m.Tree(textOf(512 << 10))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := &room{most: 2 << 20}
			first, second := sharing(t, r), sharing(t, r)
			if err := first.Paint(square(512)); err != nil {
				t.Fatal(err)
			}
			if r.held < 512*512*4-64<<10 {
				t.Errorf("%d bytes are held, for %d of pixels", r.held, 512*512*4)
			}
			if err := second.Paint(square(400)); err != nil {
				t.Fatal(err)
			}
			was := r.held
			third := sharing(t, r)
			if err := more(third); err != nil && !errors.Is(err, bridge.ErrNoRoom) {
				t.Errorf("not ErrNoRoom: %v", err)
			}
			refused(t, third)
			if r.held != was {
				t.Errorf("%d bytes are held, and %d before", r.held, was)
			}
			if err := first.Paint(square(512)); err != nil {
				t.Error("it has its room already:", err)
			}
			first.Close()
			if err := more(sharing(t, r)); err != nil {
				t.Error("one has gone:", err)
			}
		})
	}
}

// TestRoomIsGivenBack: whatever a mount does, what it has is given back when it ends, and not before it is let go.
func TestRoomIsGivenBack(t *testing.T) {
	ends := map[string]func(m *bridge.Mount){
		"closed":  (*bridge.Mount).Close,
		"faulted": func(m *bridge.Mount) { m.Fault(abi.Fault{Code: abi.FaultPlugin}) },
		"refused": func(m *bridge.Mount) { m.Tree(textOf(3 << 20)) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			r := &room{most: 4 << 20}
			m, page := mounted(t, still{}, &bridge.MountOptions{Hold: r.hold})
			for _, n := range []int{300 << 10, 1, 900 << 10, 20 << 10} {
				m.Tree(textOf(n))
				pump(t, m, page)
			}
			large := r.held
			m.Rest()
			if r.held >= large {
				t.Errorf("%d bytes are held at rest, and %d before", r.held, large)
			}
			for _, side := range []int{300, 10, 500} {
				if err := m.Paint(square(side)); err != nil {
					t.Fatal(err)
				}
			}
			m.Renew()
			if r.held > 1<<20 {
				t.Errorf("%d bytes are held where nothing is painted any more", r.held)
			}
			m.Tree(textOf(100 << 10))
			end(m)
			if r.held != 0 {
				t.Errorf("%d bytes were not given back", r.held)
			}
			m.Tree(textOf(100 << 10))
			_ = m.Paint(square(100))
			m.Rest()
			m.Close()
			if r.held != 0 {
				t.Errorf("%d bytes are held afterwards", r.held)
			}
		})
	}
}

// TestLittleNeedsNoRoom: what most plugins show is never refused, and nobody is asked.
func TestLittleNeedsNoRoom(t *testing.T) {
	r := &room{}
	m, page := mounted(t, still{}, &bridge.MountOptions{Hold: r.hold})
	for n := range 10 {
		m.Tree(textOf(100 + n))
		if err := m.Paint(square(64)); err != nil {
			t.Fatal(err)
		}
		pump(t, m, page)
	}
	if r.asked > 0 {
		t.Errorf("%d questions for less than 64 KiB", r.asked)
	}
}

// TestRoomIsAskedForInSteps: a tree that changes a little is not worth a question each time.
func TestRoomIsAskedForInSteps(t *testing.T) {
	r := &room{most: 4 << 20}
	m, page := mounted(t, still{}, &bridge.MountOptions{Hold: r.hold})
	m.Tree(textOf(400 << 10))
	pump(t, m, page)
	asked := r.asked
	for n := range 50 {
		m.Tree(textOf(400<<10 - n))
		pump(t, m, page)
	}
	if r.asked > asked+2 {
		t.Errorf("%d questions for 50 trees of one size", r.asked-asked)
	}
}

// TestRoomConcurrently: mounts that come and go at the same time leave nothing behind.
func TestRoomConcurrently(t *testing.T) {
	r := &room{most: 3 << 20}
	var all sync.WaitGroup
	for k := range 8 {
		all.Go(func() {
			for n := range 20 {
				m := bridge.NewMount(still{}, &bridge.MountOptions{Hold: r.hold})
				m.Tree(textOf((n + 1) * 20 << 10))
				_ = m.Paint(square(100 * (k%4 + 1)))
				m.Close()
			}
		})
	}
	all.Wait()
	if r.held != 0 {
		t.Errorf("%d bytes are left", r.held)
	}
}
