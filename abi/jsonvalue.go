package abi

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxJSONDepth is how deep the values in a manifest may nest.
const maxJSONDepth = 16

// MaxInteger is the largest integer that every reader of JSON keeps exact (RFC 7493 section 2.2).
const MaxInteger = 1<<53 - 1

// number reads a number: an int64 if it is written as one, else a float64. One that cannot be kept
// exact or is minus zero is refused: it would be read in more than one way.
func (j *jsonReader) number() any {
	at := j.mark()
	end := at
	for end < len(j.buf) && isNumberByte(j.buf[end]) {
		end++
	}
	text := string(j.buf[at:end])
	if !isJSONNumber(text) || len(text) > 32 {
		j.failAt(at, "not a number", "")
		return int64(0)
	}
	j.pos = end
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n > MaxInteger || n < -MaxInteger || text == "-0" {
			j.failAt(at, "a number that not everybody can keep exact", "integers go up to 9007199254740991")
		}
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if err != nil || math.IsInf(f, 0) || f == 0 && math.Signbit(f) || math.Abs(f) > 1e300 || math.Abs(f) < 1e-300 && strings.ContainsAny(mantissa, "123456789") {
		j.failAt(at, "a number that not everybody can keep exact", "")
	}
	return f
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// isJSONNumber reports whether s is a number of RFC 8259 section 6.
func isJSONNumber(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' || !digits() {
		return false
	}
	if len(s) > 0 && s[0] == '.' {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		return digits() && s == ""
	}
	return s == ""
}

// size reads an integer from 0 to most.
func (j *jsonReader) size(what string, most int64) int64 {
	at := j.mark()
	n, ok := j.number().(int64)
	if !ok || n < 0 || n > most {
		j.failAt(at, fmt.Sprintf("%s is not an integer from 0 to %d", what, most), "")
		return 0
	}
	return n
}

// value reads any value: nil, a bool, an int64, a float64, a string, []any or map[string]any.
func (j *jsonReader) value(depth int) any {
	at := j.mark()
	if depth == maxJSONDepth {
		j.failAt(at, fmt.Sprintf("nested deeper than %d", maxJSONDepth), "")
		return nil
	}
	switch j.next() {
	case '"':
		return j.string()
	case 't', 'f':
		return j.bool()
	case 'n':
		j.null()
		return nil
	case '[':
		list := []any{}
		j.array(func() { list = append(list, j.inside(fmt.Sprintf("[%d]", len(list)), depth)) })
		return list
	case '{':
		out := map[string]any{}
		j.list('{', '}', "an object", func() {
			at := j.mark()
			key := j.string()
			if _, there := out[key]; there {
				j.failAt(at, fmt.Sprintf("key %+.40q is there twice", key), "remove one")
			}
			j.expect(':', "a colon")
			out[key] = j.inside(step(key), depth)
		})
		return out
	}
	return j.number()
}

// inside reads a value in a value, one step further on the path.
func (j *jsonReader) inside(step string, depth int) any {
	j.path = append(j.path, step)
	v := j.value(depth + 1)
	j.path = j.path[:len(j.path)-1]
	return v
}

// step is a key in a path: .name, or ["a name"] where that could be mistaken.
func step(key string) string {
	if len(key) > 40 || key == "" || strings.ContainsFunc(key, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') }) {
		return fmt.Sprintf("[%+.40q]", key)
	}
	return "." + key
}

func (j *jsonReader) null() {
	if at := j.mark(); string(j.buf[at:min(at+4, len(j.buf))]) != "null" {
		j.failAt(at, "not a value", "")
		return
	}
	j.pos += 4
}
