package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// sorting puts the rows of a table in the order of a column, in parts: rows that are equal stay as
// they are in the file, and missing values come last in both directions.
type sorting struct {
	t       *table
	c       *column
	down    bool
	keys    []uint64 // by row: orders as the values do; of a text, its beginning
	rows    []uint32 // sorted in runs of width
	room    []uint32
	missing []uint32
	row     int
	width   int // 0 until the runs are sorted
	pos     int // where the next run or pair of runs begins
}

// firstRun is how many rows are sorted at once before runs are merged.
const firstRun = 4 << 10

func newSorting(t *table, c *column, down bool) *sorting {
	s := &sorting{t: t, c: c, down: down, keys: make([]uint64, t.rows), rows: make([]uint32, 0, t.rows)}
	return s
}

// step does a part of about n rows. When it reports false, order is complete.
func (s *sorting) step(n int) (more bool) {
	switch {
	case s.row < s.t.rows:
		s.takeKeys(min(s.row+n, s.t.rows))
		return true
	case s.width == 0:
		end := min(s.pos+firstRun, len(s.rows))
		slices.SortFunc(s.rows[s.pos:end], s.compare)
		if s.pos = end; end == len(s.rows) {
			s.width, s.pos, s.room = firstRun, 0, make([]uint32, len(s.rows))
		}
		return true
	case s.width < len(s.rows):
		s.merge(n)
		return true
	}
	return false
}

func (s *sorting) progress() float64 {
	n := float64(max(1, s.t.rows))
	switch {
	case s.row < s.t.rows:
		return 0.3 * float64(s.row) / n
	case s.width == 0:
		return 0.3 + 0.3*float64(s.pos)/n
	}
	return 0.6 + 0.4*float64(s.width)/(n+float64(s.width))
}

// order is all rows of the table.
func (s *sorting) order() []uint32 { return append(s.rows, s.missing...) }

func (s *sorting) takeKeys(end int) {
	var ranks []uint64
	if s.c.codes != nil {
		ranks = wordRanks(s.c.words)
	}
	for ; s.row < end; s.row++ {
		key, ok := s.key(ranks)
		if !ok {
			s.missing = append(s.missing, uint32(s.row))
			continue
		}
		s.keys[s.row] = key
		s.rows = append(s.rows, uint32(s.row))
	}
}

func (s *sorting) key(ranks []uint64) (uint64, bool) {
	switch {
	case s.c.values != nil:
		v := s.c.values[s.row]
		bits := math.Float64bits(v + 0) // one zero
		if bits>>63 == 1 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		return bits, v == v
	case s.c.codes != nil:
		code := s.c.codes[s.row]
		if code == 0 {
			return 0, false
		}
		return ranks[code-1], true
	}
	cell := s.t.cell(s.row, s.c)
	key := uint64(0)
	for i := range 8 {
		key <<= 8
		if i < len(cell) {
			key |= uint64(lower(cell[i]))
		}
	}
	return key, !missing(cell)
}

// wordRanks is the place of each word in alphabetical order.
func wordRanks(words []string) []uint64 {
	sorted := make([]int, len(words))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortFunc(sorted, func(a, b int) int {
		return strings.Compare(strings.ToLower(words[a]), strings.ToLower(words[b]))
	})
	ranks := make([]uint64, len(words))
	for rank, i := range sorted {
		ranks[i] = uint64(rank)
	}
	return ranks
}

func (s *sorting) compare(a, b uint32) int {
	ka, kb := s.keys[a], s.keys[b]
	d := 0
	switch {
	case ka < kb:
		d = -1
	case ka > kb:
		d = 1
	case s.c.kind == kindText:
		d = compareFold(s.t.cell(int(a), s.c), s.t.cell(int(b), s.c))
	}
	switch {
	case d == 0:
		return int(a) - int(b)
	case s.down:
		return -d
	}
	return d
}

// merge merges pairs of runs until it has moved n rows.
func (s *sorting) merge(n int) {
	for moved := 0; moved < n && s.pos < len(s.rows); {
		mid := min(s.pos+s.width, len(s.rows))
		end := min(mid+s.width, len(s.rows))
		s.mergeRuns(s.room[s.pos:end], s.rows[s.pos:mid], s.rows[mid:end])
		moved += end - s.pos
		s.pos = end
	}
	if s.pos == len(s.rows) {
		s.rows, s.room = s.room, s.rows
		s.pos, s.width = 0, 2*s.width
	}
}

func (s *sorting) mergeRuns(to, a, b []uint32) {
	for i := range to {
		if len(b) == 0 || len(a) > 0 && s.compare(a[0], b[0]) <= 0 {
			to[i], a = a[0], a[1:]
		} else {
			to[i], b = b[0], b[1:]
		}
	}
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// compareFold compares without regard to case of ASCII letters.
func compareFold(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}
