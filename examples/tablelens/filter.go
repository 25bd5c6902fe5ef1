package main

import "strings"

// filtering collects the rows that a query wants, in the order of the table, in parts. What it has
// found so far can be shown.
type filtering struct {
	t       *table
	q       *query
	order   []uint32 // nil: as in the file
	among   []bool   // by row: only these can match; nil for all
	match   []bool   // by row
	visible []uint32
	at      int
}

// filterRows is how many rows a step looks at.
const filterRows = 8 << 10

func newFiltering(t *table, q *query, order []uint32, among []bool) *filtering {
	return &filtering{t: t, q: q, order: order, among: among, match: make([]bool, t.rows)}
}

func (f *filtering) step(n int) (more bool) {
	for end := min(f.at+n, f.t.rows); f.at < end; f.at++ {
		row := uint32(f.at)
		if f.order != nil {
			row = f.order[f.at]
		}
		if (f.among == nil || f.among[row]) && f.q.match(f.t, int(row)) {
			f.match[row] = true
			f.visible = append(f.visible, row)
		}
	}
	return f.at < f.t.rows
}

func (f *filtering) progress() float64 { return float64(f.at) / float64(max(1, f.t.rows)) }

// narrows reports whether every row that matches next also matched prev: a word that was typed on.
func narrows(prev, next string) bool {
	return strings.HasPrefix(next, prev) && strings.TrimSpace(prev) != "" && !strings.ContainsAny(next, ` ":<>=!-`)
}

// arrange puts the rows that match in an order.
func arrange(match []bool, order []uint32, count int) []uint32 {
	visible := make([]uint32, 0, count)
	if order == nil {
		for row, ok := range match {
			if ok {
				visible = append(visible, uint32(row))
			}
		}
		return visible
	}
	for _, row := range order {
		if match[row] {
			visible = append(visible, row)
		}
	}
	return visible
}
