package bridge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// still is a plugin that does nothing.
type still struct{}

func (still) Event(func() ([]byte, bool)) {}
func (still) Visible(bool)                {}
func (still) Close()                      {}

// mounted is a mount with a page that is attached and visible.
func mounted(t testing.TB, p bridge.Plugin, o *bridge.MountOptions) (*bridge.Mount, *bridgetest.Page) {
	t.Helper()
	if o == nil {
		o = &bridge.MountOptions{Components: hostMap()}
	}
	m := bridge.NewMount(p, o)
	m.Attach(func() {})
	receive(t, m, (&abi.Mount{Mount: 1, Visible: true}).Append(nil))
	return m, bridgetest.NewPage(1)
}

func receive(t testing.TB, m *bridge.Mount, frame []byte) {
	t.Helper()
	if err := m.Receive(frame); err != nil {
		t.Fatal(err)
	}
}

// pump carries all frames that there are to the page and acknowledges them; it returns their bytes.
func pump(t testing.TB, m *bridge.Mount, page *bridgetest.Page) int {
	t.Helper()
	total := 0
	for {
		frame := m.Next(nil)
		if len(frame) == 0 {
			return total
		}
		total += len(frame)
		if err := page.Apply(frame); err != nil {
			t.Fatalf("frame %.100x: %v", frame, err)
		}
		receive(t, m, page.Ack())
	}
}

// plain is what a page shows of a tree: no keys, and 0 for every handler.
func plain(tree *abi.Tree) []byte {
	var b abi.NodeBuilder
	var ends []int
	for i, n := range tree.Nodes {
		b.Open(n.Component)
		for _, p := range tree.PropsOf(i) {
			var data []byte
			if p.Wire == abi.WireBytes {
				data = tree.Bytes(p)
			}
			b.Prop(p, data)
		}
		for _, h := range tree.HandlersOf(i) {
			b.On(h.Event)
		}
		for ends = append(ends, i+int(n.Size)); len(ends) > 0 && ends[len(ends)-1] == i+1; ends = ends[:len(ends)-1] {
			b.Close()
		}
	}
	return b.Bytes()
}

func checkPage(t testing.TB, page *bridgetest.Page, tree *abi.Tree) {
	t.Helper()
	if got, want := page.Ops(), plain(tree); !bytes.Equal(got, want) {
		t.Fatalf("the page shows\n%.500x\nand should show\n%.500x", got, want)
	}
}

func diffRandom(t testing.TB, seed uint64, changes, nodes int) {
	g := bridgetest.NewRandom(seed)
	s := g.Tree(nodes)
	m, page := mounted(t, still{}, nil)
	m.Tree(s.Decoded(0))
	pump(t, m, page)
	checkPage(t, page, s.Decoded(0))
	for range 4 {
		s.Controlled()
		g.Change(s, changes)
		s.Controlled()
		m.Tree(s.Decoded(1000))
		pump(t, m, page)
		checkPage(t, page, s.Decoded(0))
		if n := pump(t, m, page); n != 0 {
			t.Fatalf("%d bytes without a change", n)
		}
	}
}

// soak is how often a test does what it does, and the first of the seeds that it does it with. VITRINE_SOAK
// is how many times as much, for `make soak`: then they are other ones each time.
func soak(t testing.TB, usual int) (n int, seed uint64) {
	t.Helper()
	if times, err := strconv.Atoi(os.Getenv("VITRINE_SOAK")); err == nil {
		seed = rand.Uint64()
		t.Logf("%d from seed %d on", times*usual, seed)
		return times * usual, seed
	}
	if testing.Short() {
		return usual / 10, 0
	}
	return usual, 0
}

// TestDiffRandom: apply(diff(A, B), A) = B, for four pairs a seed.
func TestDiffRandom(t *testing.T) {
	n, first := soak(t, 3000)
	var wg sync.WaitGroup
	shards := runtime.GOMAXPROCS(0)
	for shard := range shards {
		wg.Go(func() {
			for k := shard; k < n && !t.Failed(); k += shards {
				diffRandom(t, first+uint64(k), 1+k%20, 10+k%90)
			}
		})
	}
	wg.Wait()
}

func FuzzDiff(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(30))
	f.Fuzz(func(t *testing.T, seed uint64, changes, nodes uint8) { diffRandom(t, seed, int(changes), int(nodes)) })
}

// rows is a table of rows with the given keys.
func rows(keys ...string) *abi.Tree {
	var w abi.TreeWriter
	w.Open(abi.ComponentTable)
	w.Text(0, "rows")
	for _, k := range keys {
		w.Open(abi.ComponentRow)
		w.Key(k)
		w.Open(abi.ComponentCell)
		w.Text(0, "row "+k)
		w.Close()
		w.Close()
	}
	w.Close()
	return decode(w.Bytes())
}

func decode(ops []byte) *abi.Tree {
	t := new(abi.Tree)
	if err := t.Decode(ops, nil); err != nil {
		panic(err)
	}
	return t
}

// TestDiffSize holds the bytes of typical changes of a table of 1,000 rows.
func TestDiffSize(t *testing.T) {
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	swapped := append([]string(nil), keys...)
	swapped[1], swapped[998] = swapped[998], swapped[1]
	for _, c := range []struct {
		name string
		to   []string
		most int
	}{
		{"nothing", keys, 0},
		{"swap two", swapped, 18},
		{"remove one", append(append([]string(nil), keys[:500]...), keys[501:]...), 7},
		{"append one", append(append([]string(nil), keys...), "new"), 22},
		{"last to the front", append([]string{keys[999]}, keys[:999]...), 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, page := mounted(t, still{}, nil)
			m.Tree(rows(keys...))
			pump(t, m, page)
			m.Tree(rows(c.to...))
			if n := pump(t, m, page); n > c.most {
				t.Errorf("%d bytes, at most %d are wanted", n, c.most)
			}
			checkPage(t, page, rows(c.to...))
		})
	}
}

// TestDiffUnkeyed: children without keys are matched in order by their component.
func TestDiffUnkeyed(t *testing.T) {
	list := func(components ...uint16) *abi.Tree {
		return in(func(w *abi.TreeWriter) {
			for _, c := range components {
				w.Open(c)
				w.Text(0, "one and the same")
				w.Close()
			}
		})
	}
	const text, head, button = abi.ComponentText, abi.ComponentHeading, abi.ComponentButton
	m, page := mounted(t, still{}, nil)
	m.Tree(list(text, head, text, head, button))
	pump(t, m, page)
	to := list(button, head, head, text, text)
	m.Tree(to)
	if n := pump(t, m, page); n > 4+3*3 {
		t.Errorf("%d bytes for three moves", n)
	}
	checkPage(t, page, to)
}

// TestDiffAllocs: a diff in the steady state allocates nothing, whatever it writes.
func TestDiffAllocs(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b *abi.Tree
	}{
		{"moves", rows("1", "2", "3", "4"), rows("4", "2", "1", "3")},
		{"rows that come and go", people("a b", "c d", "e f", "g h", "i j", "k l"), people("a b")},
		{"splices and repetitions", people("a 1", "b 2", "c 3", "d 4"), people("a 1!!!", "b 2!!!", "c 3!!!", "d 4")},
		{"nothing", people("a"), people("a")},
	} {
		m, _ := mounted(t, still{}, nil)
		buf := make([]byte, 0, 4096)
		ack := abi.Ack{Mount: 1}
		step := func(tree *abi.Tree) {
			m.Tree(tree)
			if buf = m.Next(buf[:0]); len(buf) == 0 {
				return
			}
			ack.Seq++
			if err := m.Receive(ack.Append(buf[:0])); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			step(c.a)
			step(c.b)
		}
		if n := testing.AllocsPerRun(100, func() { step(c.a); step(c.b) }); n > 0 {
			t.Errorf("%s: %v allocations for two patches", c.name, n)
		}
	}
}
