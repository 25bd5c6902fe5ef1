package abi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonReader reads JSON (RFC 8259) more strictly than encoding/json: keys match exactly and come
// once, and every error has a line and a column. The bytes that are read are the bytes that are
// signed, so there must be one way to read them. Its first error sticks.
type jsonReader struct {
	buf  []byte
	pos  int
	err  *ManifestError
	file string   // for errors, "" for the manifest
	path []string // of the value that is read, from the outermost on
	lost string   // the path where it failed
}

// jsonField is a key that an object may have, and what reads its value.
type jsonField struct {
	name     string
	required bool
	read     func()
}

// begin checks what concerns the whole text.
func (j *jsonReader) begin(most int) {
	if len(j.buf) > most {
		j.failAt(0, fmt.Sprintf("%d bytes, at most %d are read", len(j.buf), most), "")
		return
	}
	if bytes.HasPrefix(j.buf, []byte("\ufeff")) {
		j.failAt(0, "there is a byte order mark at the start", "save the file as UTF-8 without one")
		return
	}
	for i := 0; i < len(j.buf); {
		r, size := utf8.DecodeRune(j.buf[i:])
		if r == utf8.RuneError && size <= 1 {
			j.failAt(i, "invalid UTF-8", "save the file as UTF-8")
			return
		}
		i += size
	}
}

// finish checks that only white space is left.
func (j *jsonReader) finish() {
	if j.next(); j.err == nil && j.pos < len(j.buf) {
		j.failAt(j.pos, "there is something behind the end", "remove it")
	}
}

func (j *jsonReader) failAt(at int, message, hint string) {
	if j.err != nil {
		return
	}
	before := string(j.buf[:min(at, len(j.buf))])
	j.lost = strings.Join(j.path, "")
	j.err = &ManifestError{
		File:    j.file,
		Line:    strings.Count(before, "\n") + 1,
		Column:  len(before) - strings.LastIndexByte(before, '\n'),
		Message: message,
		Hint:    hint,
	}
}

// next skips white space and returns the byte that follows, 0 at the end or after an error.
func (j *jsonReader) next() byte {
	for ; j.err == nil && j.pos < len(j.buf); j.pos++ {
		switch c := j.buf[j.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// mark is the place of the next value, for an error about it.
func (j *jsonReader) mark() int {
	j.next()
	return j.pos
}

func (j *jsonReader) expect(c byte, what string) {
	got := j.next()
	switch {
	case j.err != nil:
	case j.pos >= len(j.buf):
		j.failAt(j.pos, fmt.Sprintf("the file ends where %s should be", what), "")
	case got != c:
		r, _ := utf8.DecodeRune(j.buf[j.pos:])
		j.failAt(j.pos, fmt.Sprintf("%+q where %s should be", r, what), "")
	default:
		j.pos++
	}
}

// string reads a string. A lone surrogate in an escape is refused: it has no UTF-8.
func (j *jsonReader) string() string {
	at := j.mark()
	j.expect('"', "a string")
	for j.err == nil {
		if j.pos >= len(j.buf) || j.buf[j.pos] < ' ' {
			j.failAt(at, "a string that does not end on its line", "add the closing quote")
			return ""
		}
		c := j.buf[j.pos]
		if j.pos++; c == '"' {
			break
		}
		if c == '\\' {
			j.pos++
		}
	}
	if j.err != nil {
		return ""
	}
	var s string
	raw := j.buf[at:j.pos]
	if err := json.Unmarshal(raw, &s); err != nil {
		j.failAt(at, "a string with an escape that is not one", "")
		return ""
	}
	if halfPair(raw) {
		j.failAt(at, "a string with half of a surrogate pair", "")
		return ""
	}
	return s
}

// bool reads true or false.
func (j *jsonReader) bool() bool {
	at := j.mark()
	for _, word := range []string{"true", "false"} {
		if bytes.HasPrefix(j.buf[j.pos:], []byte(word)) {
			j.pos += len(word)
			return word == "true"
		}
	}
	j.failAt(at, "neither true nor false", "")
	return false
}

// halfPair reports whether one of the escapes in raw, a string that JSON allows, is a surrogate
// without its other half. What json.Unmarshal puts in its place cannot be told from a U+FFFD that
// somebody wrote.
func halfPair(raw []byte) bool {
	high := false // the last thing was a high surrogate
	for i := 0; i < len(raw); i++ {
		unit := uint64(0)
		if raw[i] == '\\' {
			if i++; raw[i] == 'u' {
				unit, _ = strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
				i += 4
			}
		}
		if low := unit >= 0xdc00 && unit < 0xe000; low != high {
			return true
		}
		high = unit >= 0xd800 && unit < 0xdc00
	}
	return high
}

// list reads what stands between brackets, separated by commas.
func (j *jsonReader) list(open, end byte, what string, item func()) {
	j.expect(open, what)
	if j.next() == end {
		j.pos++
		return
	}
	for j.err == nil {
		item()
		if j.next() != ',' {
			break
		}
		j.pos++
	}
	j.expect(end, fmt.Sprintf("%q or a comma", rune(end)))
}

// array reads an array; item reads one of its values.
func (j *jsonReader) array(item func()) { j.list('[', ']', "an array", item) }

// object reads an object with the given keys.
func (j *jsonReader) object(what string, fields []jsonField) {
	start := j.mark()
	seen := make([]bool, len(fields))
	j.list('{', '}', "an object", func() {
		at := j.mark()
		key := j.string()
		i := findField(fields, key)
		switch {
		case j.err != nil:
			return
		case i < 0:
			j.failAt(at, fmt.Sprintf("%s has no key %+.40q", what, key), suggest(fields, key))
			return
		case seen[i]:
			j.failAt(at, fmt.Sprintf("key %q is there twice", key), "remove one")
			return
		}
		seen[i] = true
		j.expect(':', "a colon")
		fields[i].read()
	})
	for i, f := range fields {
		if f.required && !seen[i] {
			j.failAt(start, fmt.Sprintf("%s lacks its key %q", what, f.name), "add it")
		}
	}
}
