package main

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// problem is what is wrong with a file, and where: line and column count from 1, the column in
// characters. A problem of the file as a whole has line 0.
type problem struct {
	line, column int
	text         string
}

func (p *problem) Error() string {
	if p.line == 0 {
		return p.text
	}
	return fmt.Sprintf("line %d, column %d: %s", p.line, p.column, p.text)
}

// problemAt makes a problem of an offset. Only now is it worth counting lines.
func problemAt(data []byte, offset int, format string, args ...any) *problem {
	before := data[:min(offset, len(data))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	if bytes.HasPrefix(before, utf8BOM) && len(line) == len(before) {
		line = line[len(utf8BOM):]
	}
	return &problem{
		line:   bytes.Count(before, []byte{'\n'}) + 1,
		column: utf8.RuneCount(line) + 1,
		text:   fmt.Sprintf(format, args...),
	}
}
