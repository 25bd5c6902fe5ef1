package main

import (
	"bytes"
	"unicode/utf8"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// sample is how much of a file is looked at to tell its encoding and its separator.
const sample = 4 << 10

// checkStart refuses what a look at the beginning of a file shows not to be CSV in UTF-8.
func checkStart(data []byte) error {
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), sample)], utf8BOM))) == 0 && len(data) <= sample:
		return &problem{text: "the file is empty"}
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return &problem{1, 1, "the file is in UTF-16 (it begins with that byte order mark): save it as UTF-8"}
	case looksLikeUTF16(data[:min(len(data), sample)]):
		return &problem{1, 1, "the file seems to be in UTF-16 (every other byte is zero): save it as UTF-8"}
	}
	return nil
}

// looksLikeUTF16 reports whether zeros stand at most of the even or of the odd places, as they do in
// UTF-16 of western text.
func looksLikeUTF16(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	var zeros [2]int
	for i, c := range b {
		if c == 0 {
			zeros[i%2]++
		}
	}
	return max(zeros[0], zeros[1]) > len(b)*2/5 && min(zeros[0], zeros[1]) < len(b)/10
}

// checkText checks a part of a file: no NUL, valid UTF-8. It returns where the next part begins, so
// that a character that the end of a part cuts in two is checked whole.
func checkText(data []byte, from, to int) (next int, err error) {
	part := data[from:min(to, len(data))]
	if to < len(data) {
		for cut := 1; cut < utf8.UTFMax && cut < len(part); cut++ {
			if c := part[len(part)-cut]; utf8.RuneStart(c) {
				if c >= utf8.RuneSelf {
					part = part[:len(part)-cut]
				}
				break
			}
		}
	}
	if i := bytes.IndexByte(part, 0); i >= 0 {
		return 0, problemAt(data, from+i, "a NUL character: this is not a text file, or it is damaged")
	}
	if !utf8.Valid(part) {
		at := 0
		for at < len(part) {
			r, size := utf8.DecodeRune(part[at:])
			if r == utf8.RuneError && size <= 1 {
				break
			}
			at += size
		}
		return 0, problemAt(data, from+at, "byte 0x%02x is not valid UTF-8: save the file as UTF-8", part[at])
	}
	return from + len(part), nil
}

// findSeparator tells which of comma, semicolon and tab separates fields: the one that divides the
// first records most evenly, and of these the one that divides most.
func findSeparator(data []byte) byte {
	best, bestScore := byte(','), 0
	for _, sep := range []byte{',', ';', '\t'} {
		counts := countFields(data[:min(len(data), sample)], sep, len(data) > sample)
		score := 0
		for _, n := range counts {
			if n == counts[0] && n > 1 {
				score += 1000
			}
		}
		if score > 0 && counts[0] > 1 {
			score = score/len(counts) + counts[0]
		}
		if score > bestScore {
			best, bestScore = sep, score
		}
	}
	return best
}

// countFields counts the fields of the first records, leaving out the last one if it may be cut.
func countFields(data []byte, sep byte, cut bool) (counts []int) {
	quoted, n, began := false, 1, false
	for _, c := range data {
		switch {
		case c == '"':
			quoted = !quoted
			began = true
		case quoted:
		case c == sep:
			n++
			began = true
		case c == '\n':
			if began {
				counts = append(counts, n)
			}
			n, began = 1, false
		case c != '\r':
			began = true
		}
	}
	if began && (!cut || len(counts) == 0) {
		counts = append(counts, n)
	}
	return counts
}
