package bridgetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/vitrine-run/vitrine/abi"
)

// Random makes valid trees of every component and changes them as a plugin would between two
// renders: children come, go and move, values change. It makes the same ones for the same seed.
type Random struct {
	r     *rand.Rand
	nodes int // that may still be made in this tree
	key   int
}

// NewRandom begins a sequence of trees.
func NewRandom(seed uint64) *Random { return &Random{r: rand.New(rand.NewPCG(seed, 1))} }

// Sketch is a tree that Random can change.
type Sketch struct {
	component uint16
	key       string
	props     map[int]any // by number, as the methods of TreeWriter take them
	on        map[int]bool
	kids      []*Sketch
}

// Tree makes a tree of at most n nodes. Its root is a box.
func (g *Random) Tree(n int) *Sketch {
	g.nodes = n
	return g.node(abi.ComponentBox, 0)
}

func (g *Random) node(component uint16, depth int) *Sketch {
	g.nodes--
	c := abi.ComponentAt(component)
	s := &Sketch{component: component, props: map[int]any{}, on: map[int]bool{}}
	if g.r.IntN(2) == 0 {
		g.key++
		s.key = fmt.Sprint("k", g.key)
	}
	for i := range c.Props {
		if c.Props[i].Required || g.r.IntN(3) == 0 {
			s.props[i] = g.value(&c.Props[i])
		}
	}
	for e := range c.Events {
		s.on[e] = g.r.IntN(2) == 0
	}
	for range g.r.IntN(6) {
		if kid, ok := g.kid(c); ok && g.nodes > 0 && depth < 12 {
			s.kids = append(s.kids, g.node(kid, depth+1))
		}
	}
	return s
}

// kid chooses a component that may stand in c.
func (g *Random) kid(c *abi.Component) (uint16, bool) {
	if c.AnyChild {
		for {
			n := uint16(g.r.IntN(abi.Components()))
			if abi.ComponentAt(n).Parents == nil {
				return n, true
			}
		}
	}
	if len(c.Children) == 0 {
		return 0, false
	}
	return c.Children[g.r.IntN(len(c.Children))], true
}

var words = []string{"", "a", "ok", "Total", "Zwölf Boxkämpfer", "a longer text that says nothing", "日本語"}

func (g *Random) value(p *abi.Property) any {
	switch p.Kind {
	case abi.KindBool:
		return g.r.IntN(2) == 0
	case abi.KindInt:
		return p.Min + g.r.Int64N(min(100, p.Max-p.Min)+1)
	case abi.KindNumber:
		return float64(g.r.IntN(2000)-1000) / 8
	case abi.KindEnum:
		return uint8(g.r.IntN(len(p.Values)))
	case abi.KindAsset:
		return fmt.Sprintf("img/%d.png", g.r.IntN(3))
	case abi.KindLink:
		return fmt.Sprintf("/page/%d", g.r.IntN(3))
	case abi.KindDrawing:
		return string(abi.AppendRect(nil, abi.InkAccent, g.r.IntN(100), 0, 10, 10))
	}
	return words[g.r.IntN(len(words))]
}

// Change changes s in n places or so.
func (g *Random) Change(s *Sketch, n int) {
	for range n {
		g.nodes = 8
		g.changeOne(g.pick(s))
	}
}

func (g *Random) pick(s *Sketch) *Sketch {
	for len(s.kids) > 0 && g.r.IntN(4) > 0 {
		s = s.kids[g.r.IntN(len(s.kids))]
	}
	return s
}

func (g *Random) changeOne(s *Sketch) {
	c := abi.ComponentAt(s.component)
	switch what := g.r.IntN(8); {
	case what == 0 && len(s.kids) > 0:
		at := g.r.IntN(len(s.kids))
		s.kids = append(s.kids[:at:at], s.kids[at+1:]...)
	case what <= 2:
		if kid, ok := g.kid(c); ok {
			at := g.r.IntN(len(s.kids) + 1)
			s.kids = append(s.kids[:at:at], append([]*Sketch{g.node(kid, 8)}, s.kids[at:]...)...)
		}
	case what == 3:
		g.r.Shuffle(len(s.kids), func(i, j int) { s.kids[i], s.kids[j] = s.kids[j], s.kids[i] })
	case what == 4 && len(s.kids) > 1:
		at := g.r.IntN(len(s.kids))
		kid := s.kids[at]
		s.kids = append(append(s.kids[:at:at], s.kids[at+1:]...), kid)
	case what == 5 && len(c.Events) > 0:
		e := g.r.IntN(len(c.Events))
		s.on[e] = !s.on[e]
	case len(c.Props) > 0:
		i := g.r.IntN(len(c.Props))
		if _, ok := s.props[i]; ok && !c.Props[i].Required && g.r.IntN(3) == 0 {
			delete(s.props, i)
			return
		}
		s.props[i] = g.value(&c.Props[i])
	}
}

// Ops is the tree as a plugin writes it. Handlers are numbered from first.
func (s *Sketch) Ops(first uint32) []byte {
	var w abi.TreeWriter
	s.write(&w, &first)
	return w.Bytes()
}

// Decoded is the tree as a host gets it; it panics if the tree is not valid.
func (s *Sketch) Decoded(first uint32) *abi.Tree {
	t := new(abi.Tree)
	if err := t.Decode(s.Ops(first), nil); err != nil {
		panic(err)
	}
	return t
}

func (s *Sketch) write(w *abi.TreeWriter, handler *uint32) {
	c := abi.ComponentAt(s.component)
	w.Open(s.component)
	if s.key != "" {
		w.Key(s.key)
	}
	for i := range c.Props {
		v, ok := s.props[i]
		if !ok {
			continue
		}
		number := uint8(i)
		if s.component == abi.ComponentHost && c.Props[i].Kind == abi.KindText {
			v = "" // of no host's: what any name would be shown as, unless it is registered
		}
		switch v := v.(type) {
		case bool:
			w.Bool(number, v)
		case int64:
			w.Int(number, v)
		case float64:
			w.Number(number, v)
		case uint8:
			w.Enum(number, v)
		case string:
			w.Text(number, v)
		}
	}
	for e := range c.Events {
		if s.on[e] {
			w.On(uint8(e), *handler)
			*handler++
		}
	}
	for _, k := range s.kids {
		k.write(w, handler)
	}
	w.Close()
}

// Controlled gives every field of s a value, as a plugin does that keeps what is in its fields. A
// field without one belongs to the person: what it shows then depends on what was there before.
func (s *Sketch) Controlled() {
	if c := abi.ComponentAt(s.component); c.Edits && s.props[0] == nil {
		switch c.Props[0].Kind {
		case abi.KindText:
			s.props[0] = ""
		case abi.KindBool:
			s.props[0] = false
		case abi.KindNumber:
			s.props[0] = 0.0
		}
	}
	for _, k := range s.kids {
		k.Controlled()
	}
}
