package main

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// summary is what can be said about a column in some rows.
type summary struct {
	column  *column
	count   int // values that are there
	missing int
	// distinct is how many different values there are, or at least are if manyDistinct.
	distinct     int
	manyDistinct bool
	// Of a measured column; in seconds for dates and times.
	min, max, mean, median, stddev float64
	// Of a text: lengths in characters.
	shortest, longest int
	top               []wordCount // the most frequent values, most frequent first
}

type wordCount struct {
	word  string
	count int
}

const (
	maxDistinct = 100_000 // of a text: beyond that, they are not counted on
	topCount    = 8
)

// summarize looks at the column in the given rows.
func summarize(t *table, c *column, rows []uint32) *summary {
	s := &summary{column: c}
	switch {
	case c.values != nil:
		s.measure(rows)
	case c.codes != nil:
		s.countWords(rows)
	default:
		s.countTexts(t, rows)
	}
	return s
}

func (s *summary) measure(rows []uint32) {
	values := make([]float64, 0, len(rows))
	for _, r := range rows {
		if v := s.column.values[r]; v == v {
			values = append(values, v)
		}
	}
	s.count, s.missing = len(values), len(rows)-len(values)
	if s.count == 0 {
		return
	}
	slices.Sort(values)
	s.min, s.max = values[0], values[s.count-1]
	s.median = (values[(s.count-1)/2] + values[s.count/2]) / 2
	// Welford's way: a sum of squares would lose what is small beside the mean.
	m2 := 0.0
	for i, v := range values {
		d := v - s.mean
		s.mean += d / float64(i+1)
		m2 += d * (v - s.mean)
	}
	if s.count > 1 {
		s.stddev = math.Sqrt(m2 / float64(s.count-1))
	}
	run := 0
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			s.distinct++
			run = 0
		}
		if run++; i+1 == s.count || values[i+1] != v {
			s.keepTop(wordCount{count: run}, func() string { return s.column.format(v) })
		}
	}
}

// keepTop puts w among the most frequent if it is; word is asked for only then.
func (s *summary) keepTop(w wordCount, word func() string) {
	i := len(s.top)
	for i > 0 && s.top[i-1].count < w.count {
		i--
	}
	if i == topCount {
		return
	}
	w.word = word()
	s.top = slices.Insert(s.top, i, w)
	s.top = s.top[:min(len(s.top), topCount)]
}

func (s *summary) countWords(rows []uint32) {
	counts := s.column.wordCounts(rows)
	s.missing = counts[0]
	s.count = len(rows) - s.missing
	for i, n := range counts[1:] {
		if n > 0 {
			s.distinct++
			s.keepTop(wordCount{count: n}, func() string { return s.column.words[i] })
		}
	}
}

// wordCounts is how often each code is there.
func (c *column) wordCounts(rows []uint32) []int {
	counts := make([]int, len(c.words)+1)
	for _, r := range rows {
		counts[c.codes[r]]++
	}
	return counts
}

func (s *summary) countTexts(t *table, rows []uint32) {
	counts := map[string]int{}
	s.shortest = math.MaxInt
	for _, r := range rows {
		cell := t.cell(int(r), s.column)
		if missing(cell) {
			s.missing++
			continue
		}
		n := utf8.RuneCount(cell)
		s.shortest, s.longest = min(s.shortest, n), max(s.longest, n)
		if _, known := counts[string(cell)]; known || len(counts) < maxDistinct {
			counts[string(cell)]++
		} else {
			s.manyDistinct = true
		}
	}
	s.count, s.distinct = len(rows)-s.missing, len(counts)
	if s.count == 0 {
		s.shortest = 0
	}
	s.topTexts(counts)
}

// topTexts takes the most frequent texts, unless none is there twice.
func (s *summary) topTexts(counts map[string]int) {
	var all []wordCount
	for w, n := range counts {
		if n > 1 {
			all = append(all, wordCount{w, n})
		}
	}
	slices.SortFunc(all, func(a, b wordCount) int {
		if a.count != b.count {
			return b.count - a.count
		}
		return strings.Compare(a.word, b.word)
	})
	s.top = all[:min(len(all), topCount)]
}
