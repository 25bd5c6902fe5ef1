package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// The shape of catalog.json, with what resolve adds to it.
type (
	catalog struct {
		About      string
		Tokens     map[string][]string
		Components []*component
		Hash       []byte `json:"-"`
	}
	component struct {
		Name     string
		Doc      string
		Children []string
		Parents  []string
		Edits    bool
		Props    []*property
		Events   []*event
		Number   int   `json:"-"`
		AnyChild bool  `json:"-"`
		ChildNos []int `json:"-"`
		ParentNo []int `json:"-"`
	}
	property struct {
		Name     string
		Doc      string
		Kind     string
		Token    string
		Values   []string
		Required bool
		Min, Max *int64
		Number   int `json:"-"`
	}
	event struct {
		Name    string
		Doc     string
		Payload []field
		Latest  bool
		Upload  bool
		Number  int `json:"-"`
	}
	field struct{ Name, Kind string }
)

var kinds = []string{"text", "bool", "int", "number", "enum", "asset", "drawing", "link"}

// What the wire has room for: a property's number is a byte, the events of a node are a mask.
const (
	maxProps  = 256
	maxEvents = 64
)

func (c *catalog) resolve() error {
	numbers := map[string]int{}
	for i, comp := range c.Components {
		if _, ok := numbers[comp.Name]; ok {
			return fmt.Errorf("component %q is there twice", comp.Name)
		}
		comp.Number, numbers[comp.Name] = i, i
	}
	for _, comp := range c.Components {
		if err := comp.resolve(c, numbers); err != nil {
			return fmt.Errorf("component %q: %w", comp.Name, err)
		}
	}
	return nil
}

func (comp *component) resolve(c *catalog, numbers map[string]int) (err error) {
	if len(comp.Children) == 1 && comp.Children[0] == "*" {
		comp.AnyChild = true
	} else if comp.ChildNos, err = lookUp(comp.Children, numbers); err != nil {
		return err
	}
	if comp.ParentNo, err = lookUp(comp.Parents, numbers); err != nil {
		return err
	}
	if len(comp.Props) > maxProps || len(comp.Events) > maxEvents {
		return fmt.Errorf("%d properties and %d events, at most %d and %d fit the wire", len(comp.Props), len(comp.Events), maxProps, maxEvents)
	}
	names := map[string]bool{}
	for i, p := range comp.Props {
		p.Number = i
		if names[p.Name] {
			return fmt.Errorf("property %q is there twice", p.Name)
		}
		names[p.Name] = true
		if err := p.resolve(c); err != nil {
			return fmt.Errorf("property %q: %w", p.Name, err)
		}
	}
	clear(names)
	for i, e := range comp.Events {
		e.Number = i
		if names[e.Name] {
			return fmt.Errorf("event %q is there twice", e.Name)
		}
		names[e.Name] = true
		for _, f := range e.Payload {
			if !slices.Contains(kinds[:4], f.Kind) {
				return fmt.Errorf("event %q: field %q: no kind %q in a payload", e.Name, f.Name, f.Kind)
			}
		}
	}
	return nil
}

func lookUp(names []string, numbers map[string]int) (out []int, err error) {
	for _, name := range names {
		n, ok := numbers[name]
		if !ok {
			return nil, fmt.Errorf("no component %q", name)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out, nil
}

func (p *property) resolve(c *catalog) error {
	if p.Kind == "token" {
		p.Kind, p.Values = "enum", c.Tokens[p.Token]
	}
	switch {
	case !slices.Contains(kinds, p.Kind):
		return fmt.Errorf("no kind %q", p.Kind)
	case p.Kind == "enum" && len(p.Values) < 2:
		return fmt.Errorf("an enum needs values")
	case p.Kind == "int" && (p.Min == nil || p.Max == nil || *p.Min >= *p.Max):
		return fmt.Errorf("an int needs min and max")
	}
	return nil
}

// Export is the name with a capital first letter, as Go exports it.
func export(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func helpers(c *catalog) template.FuncMap {
	lists := c.lists()
	return template.FuncMap{
		"export": export,
		"join":   strings.Join,
		"lists":  func() []string { return lists },
		"shape":  func(comp *component) string { return comp.shape(lists) },
	}
}
