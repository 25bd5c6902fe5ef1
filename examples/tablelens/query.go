package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// query is what a person typed into the search field: terms that must all hold.
//
//	harbour               somewhere in the row
//	"old town"            with a space in it
//	rider:member          in one column
//	distance_km>=2.5      compared: < <= > >= = != (numbers, dates, words)
//	started<2025-03       a date can end early
//	-bike:electric        not
type query struct{ terms []term }

type term struct {
	not    bool
	column *column // nil: all
	op     string  // ":" or a comparison
	text   []byte  // in lower case
	value  float64 // of a comparison in a measured column
	codes  []bool  // of a category: which codes fit
}

// parseQuery understands s. An error is for the person who types it.
func parseQuery(t *table, s string) (*query, error) {
	q := new(query)
	for {
		if s = strings.TrimLeft(s, " \t"); s == "" {
			return q, nil
		}
		var tm term
		if strings.HasPrefix(s, "-") && len(s) > 1 && s[1] != ' ' && (s[1] < '0' || s[1] > '9') {
			tm.not, s = true, s[1:]
		}
		whole := s
		name, rest := word(s, ":<>=!")
		op := operator(rest)
		if i := t.find([]byte(name)); op != "" && i >= 0 {
			tm.column, tm.op = t.columns[i], op
			name, rest = word(rest[len(op):], "")
		} else if op != "" { // not a column: "12:30" is a word
			name, rest = word(whole, "")
		}
		s = rest
		tm.text = bytes.ToLower([]byte(name))
		if err := tm.prepare(t); err != nil {
			return nil, err
		}
		if len(tm.text) > 0 {
			q.terms = append(q.terms, tm)
		}
	}
}

// word reads a word, which quotes may hold together, up to a space or one of the bytes in until.
func word(s, until string) (w, rest string) {
	if strings.HasPrefix(s, `"`) {
		if end := strings.IndexByte(s[1:], '"'); end >= 0 {
			return s[1 : 1+end], s[end+2:]
		}
		return s[1:], "" // still being typed
	}
	if i := strings.IndexAny(s, " \t"+until); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func operator(s string) string {
	for _, op := range []string{"<=", ">=", "!=", "<", ">", "=", ":"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// prepare finds out all that can be known before a row is looked at.
func (tm *term) prepare(t *table) error {
	c := tm.column
	if c == nil || len(tm.text) == 0 {
		return nil
	}
	if tm.op != ":" && c.kind.measured() {
		v, ok := parseMeasured(c.kind, tm.text, t.sep != ',')
		if !ok {
			return fmt.Errorf("%s is a column of kind %s; %q is not one", c.name, c.kind, cut(string(tm.text), 30))
		}
		tm.value = v
		return nil
	}
	if c.codes != nil {
		tm.codes = make([]bool, len(c.words)+1)
		for i, w := range c.words {
			tm.codes[i+1] = tm.fits([]byte(w))
		}
	}
	return nil
}

// parseMeasured is parseAs for what a person types: a date may end after its month or its year.
func parseMeasured(k kind, text []byte, comma bool) (float64, bool) {
	switch k {
	case kindDate, kindTimestamp:
		b := bytes.ToUpper(text)
		for _, rest := range []string{"", "-01", "-01-01"} {
			full := append(bytes.Clone(b), rest...)
			if v, ok := parseAs(kindDate, full, comma); ok {
				return v, true
			}
			if v, ok := parseTimestamp(full); ok {
				return v, true
			}
		}
		return 0, false
	case kindInteger:
		k = kindDecimal
	}
	return parseAs(k, text, comma)
}

// match reports whether a row fits all terms.
func (q *query) match(t *table, row int) bool {
	for i := range q.terms {
		if q.terms[i].match(t, row) == q.terms[i].not {
			return false
		}
	}
	return true
}

func (tm *term) match(t *table, row int) bool {
	c := tm.column
	switch {
	case c == nil:
		return tm.inRow(t, row)
	case tm.codes != nil:
		return tm.codes[c.codes[row]]
	case tm.op != ":" && c.kind.measured():
		return compared(tm.op, order3(c.values[row], tm.value)) && c.values[row] == c.values[row]
	}
	cell := t.cell(row, c)
	return (tm.op == ":" || !missing(cell)) && tm.fits(cell)
}

func order3(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// fits compares a text.
func (tm *term) fits(cell []byte) bool {
	if tm.op == ":" {
		return contains(cell, tm.text)
	}
	return compared(tm.op, bytes.Compare(bytes.ToLower(cell), tm.text))
}

func compared(op string, d int) bool {
	switch op {
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	case ">":
		return d > 0
	case ">=":
		return d >= 0
	case "!=":
		return d != 0
	}
	return d == 0
}

// inRow looks for a text in the row as it lies in the file. Only a text that could lie across two
// fields, or that quotes could tear apart, is looked for in each cell.
func (tm *term) inRow(t *table, row int) bool {
	if bytes.IndexByte(tm.text, t.sep) < 0 && bytes.IndexByte(tm.text, '"') < 0 {
		return contains(t.row(row), tm.text)
	}
	for _, c := range t.columns {
		if contains(t.cell(row, c), tm.text) {
			return true
		}
	}
	return false
}

// contains reports whether b contains text, which is in lower case, in any case.
func contains(b, text []byte) bool {
	if len(text) == 0 {
		return true
	}
	first := text[0]
	if first >= utf8.RuneSelf || !ascii(text) {
		return bytes.Contains(bytes.ToLower(b), text)
	}
	for i := 0; i+len(text) <= len(b); i++ {
		if lower(b[i]) == first && equalFold(b[i+1:i+len(text)], text[1:]) {
			return true
		}
	}
	return false
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func equalFold(b, text []byte) bool {
	for i := range text {
		if lower(b[i]) != text[i] {
			return false
		}
	}
	return true
}
