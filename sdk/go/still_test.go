package vitrine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/internal/seam"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

func ExampleStill() {
	app := func(*v.Context) v.View {
		rows, clicks := []v.Node{}, 0
		for n := range 3 {
			rows = append(rows, v.Still(v.Row(v.Cell().Text(fmt.Sprint(n))).Key(fmt.Sprint(n))))
		}
		return func() v.Node {
			table := v.Table("rows", v.Column("n"))
			for _, row := range rows { // the second time, three bytes stand for all of them
				table.Add(row)
			}
			return v.Box(v.Button(fmt.Sprint(clicks)).OnClick(func() { clicks++ }), table)
		}
	}
	page := vitrinetest.Mount(nil, app, nil)
	page.Find("button", "0").Fire("click")
	fmt.Print(page)
	// Output:
	// box
	//   button text="1"
	//   table label="rows"
	//     column text="n"
	//     row #0
	//       cell text="0"
	//     row #1
	//       cell text="1"
	//     row #2
	//       cell text="2"
}

// A bench has boxes of buttons, each box with a text in it. The same benches show with still boxes and without.
type bench struct {
	still   bool
	boxes   []v.Node
	groups  [][]int // which boxes stand in each group
	made    int
	clicked []string
}

func (b *bench) add() int {
	name := fmt.Sprint("box ", b.made)
	b.made++
	box := v.Box(v.Text(name), v.Button("press "+name).OnClick(func() { b.clicked = append(b.clicked, name) }))
	var node v.Node = box
	if b.made%3 > 0 {
		box.Add(v.Still(v.Box(v.Text("inner")))) // in a still one it is nothing of its own
	}
	if b.still {
		node = v.Still(box)
	}
	b.boxes = append(b.boxes, node)
	return len(b.boxes) - 1
}

// change does one thing at random.
func (b *bench) change(r *rand.Rand) {
	g := r.IntN(len(b.groups))
	group := b.groups[g]
	switch what := r.IntN(5); {
	case what == 0 || len(group) == 0:
		b.groups[g] = slices.Insert(slices.Clone(group), r.IntN(len(group)+1), b.add())
	case what == 1:
		at := r.IntN(len(group))
		b.groups[g] = slices.Delete(slices.Clone(group), at, at+1)
	case what == 2:
		r.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
	case what == 3: // to another group
		last := len(group) - 1
		to := r.IntN(len(b.groups))
		moved := group[last]
		b.groups[g] = group[:last]
		b.groups[to] = append(slices.Clone(b.groups[to]), moved)
	}
}

func (b *bench) view() v.Node {
	root := v.Box()
	for g, group := range b.groups {
		root.Add(v.Text(fmt.Sprint("group ", g)))
		in := v.Box()
		for _, n := range group {
			in.Add(b.boxes[n])
		}
		root.Add(in)
		if len(group) > 0 && g%2 == 0 { // once more, outside: an uncle of those inside
			root.Add(b.boxes[group[len(group)-1]])
		}
	}
	return root
}

// TestStillShowsTheSame: a plugin shows the same with nodes that do not change as without, and hears the same.
func TestStillShowsTheSame(t *testing.T) {
	for seed := range uint64(30) {
		var all []*bench
		var pages []*vitrinetest.Page
		for _, still := range []bool{true, false} {
			b := &bench{still: still, groups: make([][]int, 3)}
			all = append(all, b)
			pages = append(pages, vitrinetest.Mount(t, func(*v.Context) v.View { return b.view }, nil))
		}
		turns := rand.New(rand.NewPCG(seed, 1))
		for step := range 60 {
			do := turns.Uint64()
			for i, b := range all {
				for range do % 3 {
					b.change(rand.New(rand.NewPCG(seed, uint64(step)+do)))
				}
				pages[i].Update(nil)
				if buttons := pages[i].FindAll("button", "press"); len(buttons) > 0 {
					buttons[int(do>>8)%len(buttons)].Fire("click")
				}
			}
			if is, want := pages[0].String(), pages[1].String(); is != want {
				t.Fatalf("seed %d, step %d: shown is\n%s\nand in full\n%s", seed, step, is, want)
			}
			if !slices.Equal(all[0].clicked, all[1].clicked) {
				t.Fatalf("seed %d, step %d: heard %v, in full %v", seed, step, all[0].clicked, all[1].clicked)
			}
		}
	}
}

// decoding is a host that shows what it is handed, if that has at most so many nodes.
type decoding struct {
	seam.Host
	most         int
	shown, spare *abi.Tree
	bytes        int // of the newest tree
}

func (d *decoding) Render(ops []byte) abi.Code {
	if d.spare.DecodeOver(d.shown, ops, &abi.TreeLimits{Nodes: d.most}) != nil {
		return abi.CodeLimit
	}
	d.shown, d.spare, d.bytes = d.spare, d.shown, len(ops)
	return abi.CodeOK
}

// TestStillAfterARefusal: what the host has not taken is not kept, and what a new mount shows is written in full.
func TestStillAfterARefusal(t *testing.T) {
	rows := []v.Node{}
	for n := range 100 {
		rows = append(rows, v.Still(v.Text(fmt.Sprint("row ", n))))
	}
	show := 50
	host := &decoding{most: 60, shown: new(abi.Tree), spare: new(abi.Tree)}
	app := seam.New(v.App(func(*v.Context) v.View {
		return func() v.Node { return v.Box(rows[:show]...) }
	}), host)
	step := func(do func([]byte) error, rows int, ok bool, most int) {
		t.Helper()
		show = rows
		if err := do([]byte{0xa0}); (err == nil) != ok {
			t.Fatalf("%d rows: %v", rows, err)
		}
		if ok && (len(host.shown.Nodes) != rows+1 || host.bytes > most) {
			t.Fatalf("%d nodes in %d bytes for %d rows", len(host.shown.Nodes), host.bytes, rows)
		}
	}
	step(app.Mount, 50, true, 1000)
	step(app.Update, 50, true, 6)
	step(app.Update, 49, true, 6)
	step(app.Update, 100, false, 0)
	step(app.Update, 50, true, 1000)
	step(app.Update, 50, true, 6)
	if err := app.Unmount(nil); err != nil {
		t.Fatal(err)
	}
	host.shown.Reset()
	step(app.Mount, 50, true, 1000)
	step(app.Update, 50, true, 6)
}

// TestStillTurns: a turn in which still nodes change their places alone is shown, and one in which nothing does is not.
func TestStillTurns(t *testing.T) {
	a, b := v.Still(v.Text("a")), v.Still(v.Text("b"))
	order := []v.Node{a, b}
	turn := func() {}
	app := func(c *v.Context) v.View {
		c.Later(func() bool { turn(); return true })
		return func() v.Node { return v.Box(order...) }
	}
	page := vitrinetest.Mount(t, app, nil)
	page.Turn()
	renders := page.Renders()
	page.Turn()
	if page.Renders() != renders {
		t.Error("nothing changed and it was rendered")
	}
	for n := range 5 {
		turn = func() { order = []v.Node{order[1], order[0]} }
		page.Turn()
		first := page.FindAll("text", "")[0].Prop("text")
		if want := []string{"b", "a"}[n%2]; first != want {
			t.Fatalf("turn %d: %s is first", n, first)
		}
	}
}

func BenchmarkRenderStill(b *testing.B) {
	rows := []v.Node{}
	for range 100 {
		row := v.Row().OnClick(func() {})
		for range 10 {
			row.Add(v.Cell().Text("x"))
		}
		rows = append(rows, v.Still(row))
	}
	page := vitrinetest.Mount(b, func(*v.Context) v.View {
		return func() v.Node {
			table := v.Table("t", v.Column("a"))
			for _, row := range rows {
				table.Add(row)
			}
			return table
		}
	}, nil)
	b.ReportAllocs()
	for b.Loop() {
		page.Update(nil)
	}
}
