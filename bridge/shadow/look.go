package shadow

import (
	"regexp"
	"strings"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/shell"
)

// An element is one in the page, with what it says of itself. A text stands before the children. Its names come from the
// shell's table alone, never from a plugin.
type element struct {
	tag   string
	attrs []attribute
	text  string
	kids  []*element
}

type attribute struct{ name, value string }

// set gives an attribute a value.
func (e *element) set(name, value string) {
	for i := range e.attrs {
		if e.attrs[i].name == name {
			e.attrs[i].value = value
			return
		}
	}
	e.attrs = append(e.attrs, attribute{name, value})
}

// put is set, or unset if there is no value.
func (e *element) put(name, value string, there bool) {
	if there {
		e.set(name, value)
	} else {
		e.unset(name)
	}
}

func (e *element) unset(name string) {
	for i := range e.attrs {
		if e.attrs[i].name == name {
			e.attrs = append(e.attrs[:i], e.attrs[i+1:]...)
			return
		}
	}
}

func (e *element) get(name string) string {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (e *element) clone() *element {
	out := &element{tag: e.tag, text: e.text, attrs: append([]attribute(nil), e.attrs...)}
	for _, k := range e.kids {
		out.kids = append(out.kids, k.clone())
	}
	return out
}

// follow is the element at the end of a path of child numbers.
func (e *element) follow(path []int) *element {
	for _, n := range path {
		e = e.kids[n]
	}
	return e
}

// A look is how a component stands in the page: a line of the shell's table (shell/src/looks.ts).
type look struct {
	proto *element
	paths [10][]int // to each part
	sinks [][]sink  // of each property
	into  int       // the part that holds the children
	press bool      // event 0 is a press
}

// A sink is where a property is shown: a part of the element, how, and the name of what is set.
type sink struct {
	part           int
	how            byte // 0 for an attribute
	name, constant string
	fixed          bool // there is a constant
}

// looks are those of the components, by number.
var looks = sync.OnceValue(func() []look { return parseLooks(shell.Looks()) })

func parseLooks(lines []string) []look {
	if len(lines) != abi.Components() {
		panic("shadow: the shell's table has other components than the catalog") // one of them was not built anew
	}
	out := make([]look, len(lines))
	for n, line := range lines {
		out[n] = parseLook(line, len(abi.ComponentAt(uint16(n)).Props))
	}
	return out
}

var (
	tokens = regexp.MustCompile(`(\w+)([.\w-]*)(?:\{(.*?)\})?(?:"(.*?)")?(?:@(\d))?|[()]`)
	sinkOf = regexp.MustCompile(`^(\d?)([=.~#-]?)([^:]*)(?::(.*))?$`)
)

func parseLook(line string, props int) look {
	fields := append(strings.Split(line, "|"), "", "", "")
	l := look{press: strings.HasPrefix(fields[2], "press"), sinks: make([][]sink, props)}
	if into := fields[3]; into != "" {
		l.into = int(into[0] - '0')
	}
	l.markup(fields[0])
	shown := strings.Fields(fields[1])
	for n := range min(props, len(shown)) {
		for s := range strings.SplitSeq(shown[n], "+") {
			if s == "_" {
				continue
			}
			m := sinkOf.FindStringSubmatch(s)
			k := sink{name: m[3], constant: m[4], fixed: strings.Contains(s, ":")}
			if m[1] != "" {
				k.part = int(m[1][0] - '0')
			}
			if m[2] != "" {
				k.how = m[2][0]
			}
			if k.how == '-' {
				k.how, k.name = 0, "data-"+k.name
			}
			l.sinks[n] = append(l.sinks[n], k)
		}
	}
	return l
}

// markup makes the elements that a shape describes, and finds its parts.
func (l *look) markup(shape string) {
	var open []*element
	var path []int
	var last *element
	for _, m := range tokens.FindAllStringSubmatch(shape, -1) {
		switch m[0] {
		case "(":
			open, path = append(open, last), append(path, -1)
			continue
		case ")":
			open, path = open[:len(open)-1], path[:len(path)-1]
			continue
		}
		el := &element{tag: m[1], text: m[4]}
		if m[2] != "" {
			el.set("class", strings.ReplaceAll(m[2][1:], ".", " "))
		}
		if m[3] != "" {
			for pair := range strings.SplitSeq(m[3], ";") {
				name, value, _ := strings.Cut(pair, "=")
				el.set(name, value)
			}
		}
		if last = el; len(open) == 0 {
			l.proto = el
		} else {
			path[len(path)-1]++
			up := open[len(open)-1]
			up.kids = append(up.kids, el)
		}
		if m[5] != "" {
			l.paths[m[5][0]-'0'] = append([]int(nil), path...)
		}
	}
}
