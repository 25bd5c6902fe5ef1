package vitrine_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

func counter(*v.Context) v.View {
	clicks := 0
	return func() v.Node {
		return v.Button(fmt.Sprintf("Clicks: %d", clicks)).Primary().
			OnClick(func() { clicks++ })
	}
}

func Example() {
	page := vitrinetest.Mount(nil, counter, nil)
	page.Find("button", "Clicks").Fire("click")
	fmt.Print(page)
	// Output:
	// button text="Clicks: 1" variant=primary
}

func ExampleMemoryLimit() {
	sum := func(file []byte) ([]byte, error) {
		if need := 3 * len(file); need > v.MemoryLimit() {
			return nil, v.Errorf(v.Limit, "this takes %d bytes of memory, there are %d", need, v.MemoryLimit())
		}
		return []byte(fmt.Sprint(len(file))), nil
	}
	_, err := sum(make([]byte, 30<<20))
	fmt.Println(err)
	// Output: this takes 94371840 bytes of memory, there are 67108864
}

func ExampleContext_Later() {
	app := func(c *v.Context) v.View {
		sum, next := 0, 0
		c.Later(func() bool {
			for range 1000 {
				next++
				sum += next
			}
			return next < 5000 && !c.Pending()
		})
		return func() v.Node { return v.Text(fmt.Sprint(sum)) }
	}
	page := vitrinetest.Mount(nil, app, nil)
	fmt.Println(page.Run(), "turns")
	fmt.Print(page)
	// Output:
	// 5 turns
	// text text="12502500"
}

func ExampleDrawing() {
	d := new(v.Drawing).
		Rect(v.InkFaint, 0, 0, 20, 10).
		Line(v.InkMuted, 0, 9, 19, 9).
		Label(v.InkDefault, 10, 5, v.AnchorMiddle, "half")
	page := vitrinetest.Mount(nil, func(*v.Context) v.View {
		return func() v.Node { return v.Canvas("A bar", 20, 10).Drawing(d) }
	}, nil)
	fmt.Print(page)
	// Output:
	// canvas drawing=(22 bytes) label="A bar" width=20 height=10
}

// always shows the same node.
func always(n v.Node) v.App {
	return func(*v.Context) v.View { return func() v.Node { return n } }
}

func TestPropertiesInAnyOrder(t *testing.T) {
	n := v.Box(
		v.When(false, v.Text("never")),
		v.Text("b").Key("2").Mono(true).Tone(v.ToneMuted).Size(v.SizeXL).Strong(true).Tone(v.ToneGood),
		v.TextNode{},
		v.Slider("Iterations", 50, 10, 500).Step(5).Unit("steps").Disabled(false),
		v.Select("Palette", v.Option("Fire", "fire"), v.Option("Ice", "ice").Disabled(true)).Value("ice"),
	).Padding(v.SpaceL).Gap(v.SpaceS).Row()
	want := `box direction=row gap=s padding=l
  text #2 text="b" tone=good size=xl strong=true mono=true
  slider value=50 label="Iterations" min=10 max=500 step=5 unit="steps" disabled=false
  select value="ice" label="Palette"
    option text="Fire" value="fire"
    option text="Ice" value="ice" disabled=true
`
	if got := vitrinetest.Mount(t, always(n), nil).String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestNothingToShow(t *testing.T) {
	for name, n := range map[string]v.Node{"nil": nil, "zero": v.ButtonNode{}} {
		if got := vitrinetest.Mount(t, always(n), nil).String(); got != "box\n" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	page := vitrinetest.Mount(t, always(v.Text("a\xffb").Key("k\xff")), nil)
	if got, want := page.String(), "text #k\uFFFD text=\"a\uFFFDb\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryFormOfHandler(t *testing.T) {
	var got []string
	note := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
	page := vitrinetest.Mount(t, always(v.Box(
		v.TextField("Name").OnSubmit(func(s string) { note("submit %s", s) }).OnInput(func(s string) { note("input %s", s) }),
		v.NumberField("Age").OnChange(func(f float64) { note("change %g", f) }),
		v.Canvas("Plane", 10, 10).OnWheel(func(x, y int, steps float64) { note("wheel %d %d %g", x, y, steps) }).
			OnPress(func(x, y int) { note("press %d %d", x, y) }).OnKey(func(k string) { note("key %s", k) }),
		v.FileField("File").OnFile(func(f v.File) { note("file %s %s %d %s", f.Name, f.Type, f.Size, f.Data) }),
	)), nil)
	page.Find("textfield", "Name").Fire("submit", "Ada")
	page.Find("textfield", "Name").Fire("input", "Adá")
	page.Find("numberfield", "Age").Fire("change", -0.5)
	page.Find("canvas", "").Fire("wheel", 1, -2, 2.5)
	page.Find("canvas", "").Fire("press", 3, 4)
	page.Find("canvas", "").Fire("key", "Home")
	page.Find("filefield", "").Pick("a.csv", "text/csv", []byte("x,y"))
	want := "submit Ada|input Adá|change -0.5|wheel 1 -2 2.5|press 3 4|key Home|file a.csv text/csv 3 x,y"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestHandlerTakenAway(t *testing.T) {
	b := v.Button("x").OnClick(func() {})
	page := vitrinetest.Mount(t, always(b), nil)
	if !page.Find("button", "x").Bound("click") {
		t.Error("not bound")
	}
	b.OnClick(nil)
	page.Update(nil)
	if page.Find("button", "x").Bound("click") {
		t.Error("still bound")
	}
}

// Two clicks come in before the first is handled: the second must reach the handler of what the
// person saw, however much has been rendered in between.
func TestQueuedEventsReachTheirHandlers(t *testing.T) {
	rows := []string{"a", "b", "c"}
	var removed []string
	app := func(*v.Context) v.View {
		return func() v.Node {
			box := v.Box()
			for _, name := range rows {
				box.Add(v.Button(name).Key(name).OnClick(func() {
					removed = append(removed, name)
					rows = slices.DeleteFunc(rows, func(s string) bool { return s == name })
				}))
			}
			return box
		}
	}
	page := vitrinetest.Mount(t, app, nil)
	page.Find("button", "a").Queue("click")
	page.Find("button", "c").Queue("click")
	page.Turn()
	if got := strings.Join(removed, ""); got != "ac" {
		t.Errorf("removed %q, want \"ac\"", got)
	}
}

func TestEventForAHandlerOfLongAgo(t *testing.T) {
	clicks := 0
	app := func(*v.Context) v.View {
		return func() v.Node { return v.Button(fmt.Sprint(clicks)).OnClick(func() { clicks++ }) }
	}
	page := vitrinetest.Mount(t, app, nil)
	page.Find("button", "").Queue("click")
	for range 100 {
		page.Find("button", "").Fire("click")
	}
	page.Turn()
	if clicks != 100 {
		t.Errorf("clicks = %d, want 100", clicks)
	}
}

func TestPropsAndUpdate(t *testing.T) {
	app := func(c *v.Context) v.View {
		updates := 0
		c.OnUpdate(func() { updates++ })
		return func() v.Node {
			p := c.Props()
			return v.Text(fmt.Sprintln(p.String("s", "-"), p.Int("i", -1), p.Number("f", -1), p.Number("i", -1), p.Bool("b", false),
				string(p.Bytes("d")), string(p.Bytes("s")), p.Value("l"), p.Has("s"), p.Has("none"), p.String("i", "no text"), updates))
		}
	}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Props: map[string]any{
		"s": "text", "i": 7, "f": 0.5, "b": true, "d": []byte("data"), "l": []any{int64(1), "x"},
	}})
	page.Find("text", "text 7 0.5 7 true data text [1 x] true false no text 0\n")
	page.Update(map[string]any{"s": "new"})
	page.Find("text", "new -1 -1 -1 false  new <nil> true false no text 1\n")
}

func TestPropsDenied(t *testing.T) {
	app := func(c *v.Context) v.View {
		return func() v.Node { return v.Text(c.Props().String("s", "nothing")) }
	}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{
		Props: map[string]any{"s": "secret"}, Denied: []abi.Capability{abi.CapProps},
	})
	page.Find("text", "nothing")
}

func TestLocaleLogClockRandom(t *testing.T) {
	app := func(c *v.Context) v.View {
		before, since := c.Now(), c.Monotonic()
		if err := c.Log(v.LevelInfo, "started", map[string]any{"locale": c.Locale()}); err != nil {
			panic(err)
		}
		if err := c.Log(v.LevelInfo, "bad", map[string]any{"x": struct{}{}}); err == nil {
			panic("a struct was logged")
		}
		b := make([]byte, 8)
		denied := c.Random(b)
		return func() v.Node {
			return v.Text(fmt.Sprint(c.Locale(), " ", c.Now().Sub(before), " ", c.Monotonic() > since, " ", denied == v.Denied))
		}
	}
	page := vitrinetest.Mount(t, app, &vitrinetest.Options{Locale: "pt-BR", Denied: []abi.Capability{abi.CapRandom}})
	page.Find("text", "pt-BR 2ms true true")
	if len(page.Logged) != 1 || page.Logged[0] != "started" {
		t.Errorf("logged %q", page.Logged)
	}
}

func TestTasks(t *testing.T) {
	var order []string
	var c *v.Context
	var stopped *v.Task
	app := func(ctx *v.Context) v.View {
		c = ctx
		count := func(name string, n int) func() bool {
			return func() bool {
				order = append(order, name)
				n--
				return n > 0
			}
		}
		c.Later(count("a", 3))
		stopped = c.Later(count("s", 3))
		c.Later(count("b", 1))
		return func() v.Node { return v.Button("stop").OnClick(stopped.Stop) }
	}
	page := vitrinetest.Mount(t, app, nil)
	page.Turn()
	page.Find("button", "stop").Queue("click")
	if page.Run(); strings.Join(order, "") != "abaa" {
		t.Errorf("order %v", order)
	}
	if stopped.Running() || (*v.Task)(nil).Running() {
		t.Error("a task that was stopped is running")
	}
	if n := page.Run(); n != 0 {
		t.Errorf("%d turns of a plugin that has nothing to do", n)
	}
}

// A step that changes nothing to be seen sends no tree; an event always does.
func TestTurnsSendOnlyChanges(t *testing.T) {
	app := func(c *v.Context) v.View {
		n := 0
		c.Later(func() bool { n++; return n < 100 })
		return func() v.Node { return v.Button(fmt.Sprint(n / 50)).OnClick(func() {}) }
	}
	page := vitrinetest.Mount(t, app, nil)
	page.Run()
	if got := page.Renders(); got != 3 {
		t.Errorf("%d trees, want 3", got)
	}
	page.Find("button", "2").Fire("click")
	if got := page.Renders(); got != 4 {
		t.Errorf("%d trees, want 4", got)
	}
}

func TestSurface(t *testing.T) {
	const width, height = 640, 480 // more than one frame of pixels
	app := func(c *v.Context) v.View {
		s := c.Surface(3, width, height)
		pixels := make([]byte, 3*width*height)
		for i := range pixels {
			pixels[i] = byte(i % 251)
		}
		if err := s.PaintRGB(0, 0, width, height, pixels); err != nil {
			panic(err)
		}
		if err := s.PaintRGBA(1, 1, 1, 1, []byte{9, 8, 7, 6}); err != nil {
			panic(err)
		}
		if err := s.PaintRGB(0, 0, 2, 2, pixels[:11]); err != v.Invalid {
			panic("pixels are missing and nobody minds")
		}
		return func() v.Node { return v.Canvas("x", width, height).Surface(3) }
	}
	img := vitrinetest.Mount(t, app, nil).Surface(3)
	i := 3 * (300*width + 17)
	if got := img.NRGBAAt(17, 300); got.R != byte(i%251) || got.B != byte((i+2)%251) || got.A != 255 {
		t.Errorf("pixel %v", got)
	}
	if got := img.NRGBAAt(1, 1); got.R != 9 || got.A != 6 {
		t.Errorf("pixel %v", got)
	}
}

func TestLabelIsCut(t *testing.T) {
	d := new(v.Drawing).Label(v.InkDefault, 0, 0, v.AnchorEnd, strings.Repeat("ä", 200)+"\xff")
	vitrinetest.Mount(t, always(v.Canvas("x", 1, 1).Drawing(d)), nil) // refused if it is not
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name string
		node v.Node
		want string
	}{
		{"panic", v.Button("x").OnClick(func() { panic("no such file") }), "panic: no such file"},
		{"nil", v.Button("x").OnClick(func() { var m map[int]int; m[1] = 1 }), "assignment to entry in nil map"},
		{"tree", v.Slider("x", math.NaN(), 0, 1), "not a finite number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("failed with %q, want %q in it", got, c.want)
				}
			}()
			vitrinetest.Mount(nil, always(c.node), nil).Find("button", "x").Fire("click")
		})
	}
}

func TestUnmount(t *testing.T) {
	gone := false
	page := vitrinetest.Mount(t, func(c *v.Context) v.View {
		c.OnUnmount(func() { gone = true })
		return func() v.Node { return nil }
	}, nil)
	if page.Unmount(); !gone {
		t.Error("OnUnmount was not called")
	}
}

// Rendering a table of a thousand cells must not cost more than an allocation a node and a few a row.
func TestAllocationsOfARender(t *testing.T) {
	page := vitrinetest.Mount(t, func(*v.Context) v.View { return bigTable }, nil)
	page.Update(nil)
	const nodes = 1102
	if n := testing.AllocsPerRun(10, func() { page.Update(nil) }); n > 1.5*nodes {
		t.Errorf("%v allocations for %d nodes", n, nodes)
	} else {
		t.Logf("%v allocations for %d nodes", n, nodes)
	}
}

func TestClockDenied(t *testing.T) {
	vitrinetest.Mount(t, func(c *v.Context) v.View {
		if !c.Now().IsZero() || c.Monotonic() != 0 {
			t.Error("a clock that is not granted tells a time")
		}
		return func() v.Node { return nil }
	}, &vitrinetest.Options{Denied: []abi.Capability{abi.CapClock}})
}

func ExampleContext_Props() {
	app := func(c *v.Context) v.View {
		return func() v.Node { return v.Text("Hello " + c.Props().String("name", "you")) }
	}
	page := vitrinetest.Mount(nil, app, &vitrinetest.Options{Props: map[string]any{"name": "Ada"}})
	fmt.Print(page)
	page.Update(nil)
	fmt.Print(page)
	// Output:
	// text text="Hello Ada"
	// text text="Hello you"
}

func ExampleContext_Surface() {
	app := func(c *v.Context) v.View {
		red := c.Surface(0, 4, 3)
		if err := red.PaintRGB(1, 1, 1, 2, []byte{255, 0, 0, 255, 0, 0}); err != nil {
			return func() v.Node { return v.Text(err.Error()).Tone(v.ToneDanger) }
		}
		return func() v.Node { return v.Canvas("A red line", 4, 3).Surface(0) }
	}
	page := vitrinetest.Mount(nil, app, nil)
	fmt.Println(page.Surface(0).At(1, 2))
	// Output:
	// {255 0 0 255}
}

func ExampleErrorf() {
	err := v.Errorf(v.NotFound, "there is no city %q", "Atlantis")
	fmt.Println(err, errors.Is(err, v.NotFound))
	// Output:
	// there is no city "Atlantis" true
}
