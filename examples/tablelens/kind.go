package main

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// kind is the type of a column.
type kind uint8

const (
	kindText kind = iota
	kindCategory
	kindBoolean
	kindInteger
	kindDecimal
	kindDate
	kindTimestamp
	kindTime
)

var kindNames = [...]string{"text", "category", "yes/no", "integer", "decimal", "date", "date and time", "time"}

func (k kind) String() string { return kindNames[k] }

// numeric reports whether values are numbers to calculate with.
func (k kind) numeric() bool { return k == kindInteger || k == kindDecimal }

// measured reports whether values lie on a line: numbers, and times as seconds.
func (k kind) measured() bool { return k >= kindInteger }

// missing reports whether a cell says that there is no value.
func missing(cell []byte) bool {
	switch string(cell) {
	case "", "NA", "N/A", "n/a", "null", "NULL", "NaN", "nan":
		return true
	}
	return false
}

// candidates are the kinds that a column may still have, from the most to the least particular.
type candidates uint16

const allCandidates candidates = 1<<kindBoolean | 1<<kindInteger | 1<<kindDecimal | 1<<kindDate | 1<<kindTimestamp | 1<<kindTime

// order is how a column's kind is chosen when several fit.
var order = [...]kind{kindBoolean, kindInteger, kindDecimal, kindDate, kindTimestamp, kindTime}

// narrow takes away the kinds that a cell does not fit.
func (c candidates) narrow(cell []byte, comma bool) candidates {
	for _, k := range order {
		if c&(1<<k) == 0 {
			continue
		}
		if _, ok := parseAs(k, cell, comma); !ok {
			c &^= 1 << k
		}
	}
	return c
}

func (c candidates) best() kind {
	for _, k := range order {
		if c&(1<<k) != 0 {
			return k
		}
	}
	return kindText
}

// parseAs is the value of a cell as a kind: a number, seconds since 1970 or since midnight, 0 or 1.
// comma says that decimals may be written with one.
func parseAs(k kind, cell []byte, comma bool) (float64, bool) {
	switch k {
	case kindBoolean:
		return parseBoolean(cell)
	case kindInteger:
		return parseInteger(cell)
	case kindDecimal:
		return parseDecimal(cell, comma)
	case kindDate:
		days, n := parseDate(cell)
		return float64(days) * 86400, n > 0 && n == len(cell)
	case kindTimestamp:
		return parseTimestamp(cell)
	case kindTime:
		seconds, n := parseTime(cell)
		return seconds, n > 0 && n == len(cell)
	}
	return 0, false
}

func parseBoolean(cell []byte) (float64, bool) {
	switch {
	case bytes.EqualFold(cell, []byte("true")), bytes.EqualFold(cell, []byte("yes")):
		return 1, true
	case bytes.EqualFold(cell, []byte("false")), bytes.EqualFold(cell, []byte("no")):
		return 0, true
	}
	return 0, false
}

// parseInteger takes what fits a float64 exactly. A leading zero makes it a code, such as a postcode.
func parseInteger(cell []byte) (float64, bool) {
	digits := cell
	if len(cell) > 0 && (cell[0] == '-' || cell[0] == '+') {
		digits = cell[1:]
	}
	if len(digits) == 0 || len(digits) > 15 || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if cell[0] == '-' {
		n = -n
	}
	return float64(n), true
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseDecimal reads a plain decimal itself, because strconv wants a string and takes all forms into
// account; one with an exponent or many digits goes there.
func parseDecimal(cell []byte, comma bool) (float64, bool) {
	digits := cell
	if len(cell) > 0 && (cell[0] == '-' || cell[0] == '+') {
		digits = cell[1:]
	}
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return 0, false // a code
	}
	n, point := 0, -1
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int(c-'0')
		case point < 0 && (c == '.' || c == ',' && comma):
			point = i
		case i > 0 && (c == 'e' || c == 'E'):
			return parseFloat(cell, comma)
		default:
			return 0, false
		}
		if i > 15 {
			return parseFloat(cell, comma)
		}
	}
	f := float64(n)
	switch {
	case len(digits) == 0, len(digits) == 1 && point == 0:
		return 0, false
	case point >= 0:
		f /= tens[len(digits)-1-point]
	}
	if cell[0] == '-' {
		f = -f
	}
	return f, true
}

func parseFloat(cell []byte, comma bool) (float64, bool) {
	s := string(cell)
	if comma {
		s = strings.Replace(s, ",", ".", 1)
	}
	if len(s) > 40 || strings.ContainsAny(s, "xXpP_iInN") { // forms of Go, and no number
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// number reads two or four digits at the beginning of b.
func number(b []byte, digits int) (n int, ok bool) {
	if len(b) < digits {
		return 0, false
	}
	for _, c := range b[:digits] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// parseDate reads 2026-11-20, 2026/11/20 or 20.11.2026 and returns the days since 1970 and the bytes
// it took, 0 if there is no date. Forms whose order of day and month differs between countries are
// text.
func parseDate(b []byte) (days, n int) {
	if len(b) < 10 {
		return 0, 0
	}
	var y, m, d int
	var ok1, ok2, ok3 bool
	switch {
	case b[4] == b[7] && (b[4] == '-' || b[4] == '/'):
		y, ok1 = number(b, 4)
		m, ok2 = number(b[5:], 2)
		d, ok3 = number(b[8:], 2)
	case b[2] == '.' && b[5] == '.':
		d, ok1 = number(b, 2)
		m, ok2 = number(b[3:], 2)
		y, ok3 = number(b[6:], 4)
	}
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, 0
	}
	return daysOf(y, m, d), 10
}

func monthDays(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysOf counts days since 1970-01-01 in the Gregorian calendar, years beginning in March so that the
// leap day is the last.
func daysOf(y, m, d int) int {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + (153*(m-3)+2)/5 + d - 1 - 719468
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// parseTime reads 08:30, 08:30:15 or 08:30:15.250 and returns seconds and the bytes it took.
func parseTime(b []byte) (seconds float64, n int) {
	h, ok := number(b, 2)
	if !ok || len(b) < 5 || b[2] != ':' || h > 23 {
		return 0, 0
	}
	m, ok := number(b[3:], 2)
	if !ok || m > 59 {
		return 0, 0
	}
	seconds, n = float64(h*3600+m*60), 5
	if len(b) < 8 || b[5] != ':' {
		return seconds, n
	}
	s, ok := number(b[6:], 2)
	if !ok || s > 59 {
		return 0, 0
	}
	seconds, n = seconds+float64(s), 8
	if len(b) > 9 && b[8] == '.' {
		scale := 0.1
		for n = 9; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
			seconds += float64(b[n]-'0') * scale
			scale /= 10
		}
	}
	return seconds, n
}

// parseTimestamp reads a date, T or a space, a time and perhaps Z or an offset such as +02:00.
func parseTimestamp(b []byte) (float64, bool) {
	days, n := parseDate(b)
	if n == 0 || len(b) < n+6 || b[n] != 'T' && b[n] != ' ' {
		return 0, false
	}
	seconds, m := parseTime(b[n+1:])
	if m == 0 {
		return 0, false
	}
	at := float64(days)*86400 + seconds
	switch rest := b[n+1+m:]; {
	case len(rest) == 0, len(rest) == 1 && rest[0] == 'Z':
		return at, true
	case len(rest) == 6 && (rest[0] == '+' || rest[0] == '-'):
		offset, m := parseTime(rest[1:])
		if rest[0] == '+' {
			offset = -offset
		}
		return at + offset, m == 5
	}
	return 0, false
}
