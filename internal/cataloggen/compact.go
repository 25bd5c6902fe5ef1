package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// letters are the kinds as the browser's table writes them, in the order of kinds.
var letters = []string{"t", "b", "i", "n", "e", "a", "d", "l"}

// lists are the values of all enums, each list once.
func (c *catalog) lists() (out []string) {
	for _, comp := range c.Components {
		for _, p := range comp.Props {
			if list := strings.Join(p.Values, ","); list != "" && !slices.Contains(out, list) {
				out = append(out, list)
			}
		}
	}
	return out
}

// shape is a component as the browser's table writes it; the template says how.
func (comp *component) shape(lists []string) string {
	var b strings.Builder
	for _, p := range comp.Props {
		letter := letters[slices.Index(kinds, p.Kind)]
		if p.Required {
			letter = strings.ToUpper(letter)
		}
		b.WriteString(letter)
		switch p.Kind {
		case "int":
			fmt.Fprintf(&b, "%d:%d", *p.Min, *p.Max)
		case "enum":
			fmt.Fprint(&b, slices.Index(lists, strings.Join(p.Values, ",")))
		}
	}
	b.WriteByte('/')
	for i, e := range comp.Events {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(e.shape())
	}
	b.WriteByte('/')
	if comp.Edits {
		b.WriteByte('=')
	}
	if comp.Parents != nil {
		b.WriteByte('!')
	}
	if comp.AnyChild {
		b.WriteByte('*')
	}
	for i, n := range comp.ChildNos {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

func (e *event) shape() string {
	var b strings.Builder
	for _, f := range e.Payload {
		b.WriteString(letters[slices.Index(kinds, f.Kind)])
	}
	switch {
	case e.Upload:
		b.WriteByte('^')
	case e.Latest:
		b.WriteByte('*')
	}
	if b.Len() == 0 {
		return "-" // an event without fields
	}
	return b.String()
}
