package main

import (
	"bytes"
	"fmt"
	"strings"
)

// maxColumns is how many columns a table may have.
const maxColumns = 256

// parser reads CSV (RFC 4180) in parts, and remembers where each cell begins instead of what is in it:
// four bytes a cell, whatever its text.
//
// It is not encoding/csv because that copies every field (a table of 50,000 rows would be a million
// strings in a guest that has 64 MB), does not tell at which byte of the input a field begins, and
// cannot be left in the middle of a file and taken up again in a later turn without blocking. A fuzz
// test holds the two to the same answers.
type parser struct {
	data   []byte
	sep    byte
	pos    int
	header []string
	starts [][]uint32 // by column, then by row: where the cell begins
	record []uint32
}

// newParser reads the header.
func newParser(data []byte, sep byte) (*parser, error) {
	p := &parser{data: data, sep: sep}
	if bytes.HasPrefix(data, utf8BOM) {
		p.pos = len(utf8BOM)
	}
	ok, err := p.readRecord()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &problem{text: "the file is empty"}
	}
	p.header = columnNames(p.data, p.sep, p.record)
	p.starts = make([][]uint32, len(p.record))
	// A row has a line end, and a separator or a line end for each of its cells.
	rest := data[p.pos:]
	rows := min(bytes.Count(rest, []byte{'\n'}), len(rest)/len(p.record)) + 1
	for i := range p.starts {
		p.starts[i] = make([]uint32, 0, rows)
	}
	return p, nil
}

// columnNames gives every column a name of its own.
func columnNames(data []byte, sep byte, record []uint32) []string {
	names := make([]string, len(record))
	seen := map[string]int{}
	for i, at := range record {
		name := strings.Join(strings.Fields(string(cellAt(data, sep, at))), " ")
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		if name = cut(name, 60); seen[name] > 0 {
			for n := 2; ; n++ {
				if other := fmt.Sprintf("%s (%d)", name, n); seen[other] == 0 {
					name = other
					break
				}
			}
		}
		seen[name]++
		names[i] = name
	}
	return names
}

// step reads records until it has gone through about n bytes.
func (p *parser) step(n int) (more bool, err error) {
	for end := p.pos + n; p.pos < end; {
		begin := p.pos
		ok, err := p.readRecord()
		if err != nil || !ok {
			return false, err
		}
		if len(p.record) != len(p.header) {
			return false, p.ragged(begin)
		}
		for i, at := range p.record {
			p.starts[i] = append(p.starts[i], at)
		}
	}
	return true, nil
}

// ragged is the problem of a record with too few or too many fields.
func (p *parser) ragged(begin int) error {
	for begin < len(p.data) && (p.data[begin] == '\n' || p.data[begin] == '\r') {
		begin++
	}
	end := p.pos
	for end > begin && (p.data[end-1] == '\n' || p.data[end-1] == '\r') {
		end--
	}
	if len(p.record) > len(p.header) {
		end = int(p.record[len(p.header)])
	}
	return problemAt(p.data, end, "the row has %s, the header has %d", plural(len(p.record), "field"), len(p.header))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// readRecord reads the fields of the next line that is not empty into record; ok is false at the end.
func (p *parser) readRecord() (ok bool, err error) {
	for p.pos < len(p.data) {
		n, err := p.lineEnd(p.pos)
		if err != nil {
			return false, err
		}
		if n == 0 {
			break
		}
		p.pos += n
	}
	if p.pos >= len(p.data) {
		return false, nil
	}
	p.record = p.record[:0]
	for {
		if len(p.record) == maxColumns {
			return false, problemAt(p.data, p.pos, "more than %d columns", maxColumns)
		}
		p.record = append(p.record, uint32(p.pos))
		if p.pos, err = p.fieldEnd(p.pos); err != nil {
			return false, err
		}
		if p.pos < len(p.data) && p.data[p.pos] == p.sep {
			p.pos++
			continue
		}
		n, err := p.lineEnd(p.pos)
		p.pos += n
		return true, err
	}
}

// lineEnd is the length of the line end at i: 1 or 2, or 0 if there is none.
func (p *parser) lineEnd(i int) (int, error) {
	switch {
	case i >= len(p.data):
		return 0, nil
	case p.data[i] == '\n':
		return 1, nil
	case p.data[i] != '\r':
		return 0, nil
	case i+1 < len(p.data) && p.data[i+1] == '\n':
		return 2, nil
	case i+1 == len(p.data):
		return 1, nil
	}
	return 0, problemAt(p.data, i, "a carriage return that ends no line: lines must end in LF or CRLF")
}

// fieldEnd is where the field that begins at i ends.
func (p *parser) fieldEnd(i int) (int, error) {
	if i < len(p.data) && p.data[i] == '"' {
		return p.quotedEnd(i)
	}
	for ; i < len(p.data); i++ {
		switch p.data[i] {
		case p.sep, '\n', '\r':
			return i, nil
		case '"':
			return 0, problemAt(p.data, i, "a quote in the middle of a field: put the whole field in quotes and double the quotes in it")
		}
	}
	return i, nil
}

func (p *parser) quotedEnd(begin int) (int, error) {
	for i := begin + 1; ; i++ {
		n := bytes.IndexByte(p.data[i:], '"')
		if n < 0 {
			return 0, problemAt(p.data, begin, "a quote that is never closed")
		}
		i += n
		if i+1 < len(p.data) && p.data[i+1] == '"' {
			i++
			continue
		}
		end := i + 1
		if end == len(p.data) || p.data[end] == p.sep || p.data[end] == '\n' || p.data[end] == '\r' {
			return end, nil
		}
		return 0, problemAt(p.data, end, "something behind a closing quote: double a quote that belongs to the field")
	}
}

// cellAt is the text of the cell that begins at an offset, of data that has been parsed. It aliases
// data unless it holds a doubled quote.
func cellAt(data []byte, sep byte, at uint32) []byte {
	b := data[at:]
	if len(b) == 0 || b[0] != '"' {
		for i, c := range b {
			if c == sep || c == '\n' || c == '\r' {
				return b[:i]
			}
		}
		return b
	}
	doubled := false
	for i := 1; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		if i+1 < len(b) && b[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		b = b[1:i]
		break
	}
	if doubled {
		return bytes.ReplaceAll(b, []byte(`""`), []byte(`"`))
	}
	return b
}
