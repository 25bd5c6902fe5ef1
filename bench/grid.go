package bench

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A column is one of a table, under its name.
type column struct {
	name  string
	right bool // its cells are numbers
	cells []string
}

// grid writes columns beside each other.
func grid(b *strings.Builder, columns []column) {
	var lines []string
	for _, c := range columns {
		width := utf8.RuneCountInString(c.name)
		for _, s := range c.cells {
			width = max(width, utf8.RuneCountInString(s))
		}
		for i, s := range append([]string{c.name}, c.cells...) {
			if i == len(lines) {
				lines = append(lines, "")
			}
			if lines[i] != "" {
				lines[i] += "  "
			}
			pad := strings.Repeat(" ", width-utf8.RuneCountInString(s))
			if c.right {
				s = pad + s
			} else {
				s += pad
			}
			lines[i] += s
		}
	}
	for _, l := range lines {
		fmt.Fprintln(b, strings.TrimRight(l, " "))
	}
}
