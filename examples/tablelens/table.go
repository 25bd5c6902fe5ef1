package main

import (
	"bytes"
	"math"
	"unicode/utf8"
)

// table is a CSV file in memory: the file itself, where its cells begin, and for each column what its
// cells mean.
type table struct {
	name    string
	data    []byte
	sep     byte
	rows    int
	memory  int // bytes that it takes at most
	columns []*column
}

// column is a column and its values. Which of codes and values there is depends on the kind.
type column struct {
	name    string
	kind    kind
	starts  []uint32
	values  []float64 // of a measured kind; NaN is missing
	codes   []uint16  // of a category or boolean: 0 is missing, else words[code-1]
	words   []string
	missing int
}

// Bounds of a category: more different texts than this, or texts that hardly repeat, are text.
const (
	maxWords  = 400
	minRepeat = 3
)

// cell is the text of a cell without white space around it; it aliases the file.
func (t *table) cell(row int, c *column) []byte {
	return bytes.TrimSpace(cellAt(t.data, t.sep, c.starts[row]))
}

// row is the bytes of a whole row, its separators and quotes included, and perhaps its line end.
func (t *table) row(row int) []byte {
	first := t.columns[0].starts
	end := len(t.data)
	if row+1 < t.rows {
		end = int(first[row+1])
	}
	return t.data[first[row]:end]
}

// find returns the column that a person means by name, -1 if there is none.
func (t *table) find(name []byte) int {
	for i, c := range t.columns {
		if sameName(c.name, name) {
			return i
		}
	}
	return -1
}

// sameName compares names without case, spaces and underscores.
func sameName(a string, b []byte) bool {
	plain := func(s []byte) []byte {
		return bytes.Map(func(r rune) rune {
			if r == ' ' || r == '_' || r == '-' {
				return -1
			}
			return r
		}, bytes.ToLower(s))
	}
	return len(b) > 0 && bytes.Equal(plain([]byte(a)), plain(b))
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	i := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s[:i] + "…"
}

// typing finds the kind of a column and then its values, in parts.
type typing struct {
	t     *table
	c     *column
	row   int
	fit   candidates
	words map[string]uint16
	skip  bool // words were not collected, while the cells looked measured
	full  bool // too many words
	fill  bool // the kind is known, values are being filled in
}

func newTyping(t *table, c *column) *typing {
	return &typing{t: t, c: c, fit: allCandidates, words: map[string]uint16{}}
}

// step goes through n rows. It reports false when the column is done.
func (ty *typing) step(n int) (more bool) {
	end := min(ty.row+n, ty.t.rows)
	if !ty.fill {
		for ; ty.row < end && (ty.fit != 0 || !ty.full); ty.row++ {
			ty.look(ty.t.cell(ty.row, ty.c))
		}
		if ty.row == ty.t.rows || ty.fit == 0 && ty.full {
			ty.decide()
			ty.row, ty.fill = 0, true
		}
		return true
	}
	for ; ty.row < end; ty.row++ {
		ty.keep(ty.t.cell(ty.row, ty.c))
	}
	return ty.row < ty.t.rows
}

func (ty *typing) comma() bool { return ty.t.sep != ',' }

func (ty *typing) look(cell []byte) {
	if missing(cell) {
		return
	}
	if ty.fit != 0 {
		ty.fit = ty.fit.narrow(cell, ty.comma())
	}
	switch {
	case ty.fit&^(1<<kindBoolean) != 0:
		ty.skip = true
		return
	case ty.skip: // they were words after all: begin again
		ty.skip, ty.row = false, -1
		return
	case ty.full:
		return
	}
	if _, ok := ty.words[string(cell)]; !ok {
		if ty.full = len(ty.words) == maxWords; !ty.full {
			ty.words[string(cell)] = uint16(len(ty.words) + 1)
		}
	}
}

func (ty *typing) decide() {
	c := ty.c
	switch c.kind = ty.fit.best(); {
	case len(ty.words) == 0 && !ty.skip:
		c.kind = kindText // nothing but missing values
	case c.kind == kindText && !ty.full && len(ty.words)*minRepeat <= ty.t.rows:
		c.kind = kindCategory
	}
	switch {
	case c.kind.measured():
		c.values = make([]float64, ty.t.rows)
	case c.kind != kindText:
		c.codes = make([]uint16, ty.t.rows)
		c.words = make([]string, len(ty.words))
		for word, code := range ty.words {
			c.words[code-1] = word
		}
	}
}

func (ty *typing) keep(cell []byte) {
	c := ty.c
	gone := missing(cell)
	if gone {
		c.missing++
	}
	switch {
	case c.values != nil && gone:
		c.values[ty.row] = math.NaN()
	case c.values != nil:
		c.values[ty.row], _ = parseAs(c.kind, cell, ty.comma())
	case c.codes != nil && !gone:
		c.codes[ty.row] = ty.words[string(cell)]
	}
}
