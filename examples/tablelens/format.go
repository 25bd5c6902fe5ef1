package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// format writes a value of a measured column as people read it.
func (c *column) format(v float64) string {
	switch c.kind {
	case kindInteger:
		return groupDigits(strconv.FormatFloat(v, 'f', 0, 64))
	case kindDate:
		return dateText(v)
	case kindTimestamp:
		return dateText(v) + " " + timeText(v-86400*math.Floor(v/86400))
	case kindTime:
		return timeText(v)
	}
	return decimalText(v)
}

// formatMean writes a value between those of a column: the mean of integers is not one.
func (c *column) formatMean(v float64) string {
	if c.kind == kindInteger {
		return decimalText(v)
	}
	return c.format(v)
}

// formatSpread writes a difference of two values of a column.
func (c *column) formatSpread(v float64) string {
	switch {
	case c.kind.numeric():
		return decimalText(v)
	case v >= 2*86400:
		return decimalText(v/86400) + " days"
	case v >= 2*3600:
		return decimalText(v/3600) + " hours"
	}
	return decimalText(v/60) + " minutes"
}

// decimalText has six digits that count, without zeros at the end.
func decimalText(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e15) {
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	digits := 5
	if v != 0 {
		digits = min(max(5-int(math.Floor(math.Log10(math.Abs(v)))), 0), 9)
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return groupDigits(s)
}

// groupDigits puts commas between thousands, and the minus sign of people before them.
func groupDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

func count(n int) string { return groupDigits(strconv.Itoa(n)) }

func dateText(seconds float64) string {
	y, m, d := civil(int(math.Floor(seconds / 86400)))
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

func timeText(seconds float64) string {
	s := int(seconds)
	if s%60 == 0 {
		return fmt.Sprintf("%02d:%02d", s/3600, s/60%60)
	}
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// civil is the reverse of daysOf.
func civil(days int) (y, m, d int) {
	days += 719468
	era := floorDiv(days, 146097)
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}
