package abi

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// How a column of values is written. One of a single value is that value and nothing else.
const (
	columnEach  = 0 // each value
	columnSame  = 1 // one value that all have
	columnCount = 2 // zigzag start, zigzag step: numbers, or texts that are decimal numbers
	columnWords = 3 // words, then so many strings for each value: joined by a space
)

// maxWords is how many words a text in a column of words has at most.
const maxWords = 16

// writeColumn writes values of one form. It chooses the shortest way.
func (w *PatchWriter) writeColumn(form Wire, values []value) {
	if len(values) == 1 {
		w.value(form, values[0])
		return
	}
	if sameValues(form, values) {
		w.buf = append(w.buf, columnSame)
		w.value(form, values[0])
		return
	}
	if start, step, ok := counting(form, values); ok {
		w.buf = appendNumbers(w.buf, columnCount, zigzag(start), zigzag(step))
		return
	}
	if form == WireBytes {
		if words := wordsOfAll(values); words > 1 {
			w.wordsOrEach(words, values)
			return
		}
	}
	w.each(form, values)
}

func (w *PatchWriter) each(form Wire, values []value) {
	w.buf = append(w.buf, columnEach)
	for _, v := range values {
		w.value(form, v)
	}
}

// wordsOrEach tries both ways and keeps the shorter one.
func (w *PatchWriter) wordsOrEach(words int, values []value) {
	at, known := len(w.buf), len(w.strings.ends)
	w.each(WireBytes, values)
	whole := len(w.buf) - at
	w.buf = w.buf[:at]
	w.strings.cut(known)
	w.buf = binary.AppendUvarint(append(w.buf, columnWords), uint64(words))
	for _, v := range values {
		for rest, more := v.b, true; more; {
			var word []byte
			word, rest, more = bytes.Cut(rest, space)
			w.buf = w.strings.append(w.buf, word)
		}
	}
	if len(w.buf)-at > whole {
		w.buf = w.buf[:at]
		w.strings.cut(known)
		w.each(WireBytes, values)
	}
}

var space = []byte{' '}

// wordsOfAll is how many words each value has, 0 if not all have as many.
func wordsOfAll(values []value) int {
	words := bytes.Count(values[0].b, space) + 1
	if words > maxWords {
		return 0
	}
	for _, v := range values[1:] {
		if bytes.Count(v.b, space)+1 != words {
			return 0
		}
	}
	return words
}

func sameValues(form Wire, values []value) bool {
	for _, v := range values[1:] {
		if form == WireBytes && !bytes.Equal(v.b, values[0].b) || form != WireBytes && v.bits != values[0].bits {
			return false
		}
	}
	return true
}

// counting tells whether values are numbers with the same step between them.
func counting(form Wire, values []value) (start, step int64, ok bool) {
	var last int64
	for k, v := range values {
		n, is := counted(form, v)
		switch {
		case !is || k > 1 && n-last != step:
			return 0, 0, false
		case k == 0:
			start = n
		case k == 1:
			step = n - last
		}
		last = n
	}
	return start, step, true
}

// maxCounted keeps a column's numbers, and what is in between, exact in a browser.
const maxCounted = 1 << 50

func counted(form Wire, v value) (int64, bool) {
	switch form {
	case WireBytes:
		return decimal(v.b)
	case WireVarint:
		return int64(v.bits), v.bits <= maxCounted
	}
	return 0, false
}

// decimal reads a number that is written as strconv writes it.
func decimal(b []byte) (n int64, ok bool) {
	digits := bytes.TrimPrefix(b, []byte("-"))
	if len(digits) == 0 || len(digits) > 15 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, -maxCounted <= n && n <= maxCounted
}

// splice is how old becomes text: tail is how many units of UTF-16 are kept at the end, drop how many go before
// them, and insert comes in their place. Characters are never split.
func splice(old, text []byte) (tail, drop uint64, insert []byte) {
	head := 0
	for most := min(len(old), len(text)); head < most && old[head] == text[head]; {
		head++
	}
	for head > 0 && (inCharacter(old, head) || inCharacter(text, head)) {
		head--
	}
	end := 0
	for most := min(len(old), len(text)) - head; end < most && old[len(old)-1-end] == text[len(text)-1-end]; {
		end++
	}
	for end > 0 && (inCharacter(old, len(old)-end) || inCharacter(text, len(text)-end)) {
		end--
	}
	return units(old[len(old)-end:]), units(old[head : len(old)-end]), text[head : len(text)-end]
}

func inCharacter(b []byte, at int) bool { return at < len(b) && !utf8.RuneStart(b[at]) }

// units is how many units of UTF-16 valid UTF-8 has.
func units(b []byte) uint64 {
	n := 0
	for _, c := range b {
		switch {
		case c >= 0xf0:
			n += 2
		case c < 0x80 || c >= 0xc0:
			n++
		}
	}
	return uint64(n)
}

// Splice applies a SPLICE to a text, as a page does. ok is false if there are not so many units, or if a
// place is inside a character.
func Splice(text []byte, tail, drop uint32, insert []byte) (_ []byte, ok bool) {
	end, ok := back(text, len(text), tail)
	if !ok {
		return nil, false
	}
	head, ok := back(text, end, drop)
	if !ok {
		return nil, false
	}
	out := make([]byte, 0, head+len(insert)+len(text)-end)
	return append(append(append(out, text[:head]...), insert...), text[end:]...), true
}

// back is the place n units before at.
func back(text []byte, at int, n uint32) (int, bool) {
	for n > 0 && at > 0 {
		r, size := utf8.DecodeLastRune(text[:at])
		if at -= size; r > 0xffff {
			n--
			if n == 0 {
				return 0, false
			}
		}
		n--
	}
	return at, n == 0
}
