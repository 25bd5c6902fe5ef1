package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Share is the unit of a part of a whole: 0.41 of it reads "41%".
const Share = "share"

// Figure is a value in a unit that reads well: 1234 ns is "1.23 µs", 3.0 with "x" is "3.00x".
func Figure(v float64, unit string) string {
	switch unit {
	case Share:
		return digits(v*100) + "%"
	case "x":
		return digits(v) + "x"
	case "ns", "us", "ms", "s":
		ns := v * map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[unit]
		return scaled(ns, 1000, "ns", "µs", "ms", "s")
	case "B", "KB", "MB", "KiB", "MiB":
		b := v * map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "KiB": 1 << 10, "MiB": 1 << 20}[unit]
		return scaled(b, 1000, "B", "kB", "MB", "GB")
	}
	if strings.HasPrefix(unit, "1/") {
		return digits(v) + printable(unit[1:])
	}
	return strings.TrimSpace(digits(v) + " " + printable(unit))
}

// Binary is a number of bytes in units of 1,024: "3 KiB".
func Binary(bytes float64) string { return scaled(bytes, 1024, "B", "KiB", "MiB", "GiB") }

// Count is a whole number with commas: "10,000".
func Count(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func scaled(v, by float64, units ...string) string {
	i := 0
	for math.Abs(v) >= by*0.9995 && i < len(units)-1 {
		v, i = v/by, i+1
	}
	return digits(v) + " " + units[i]
}

// digits is a number with three significant digits, and none after the point from a hundred on.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == math.Trunc(a) && a < 1000:
		return fmt.Sprintf("%.0f", v)
	case a >= 1e-9 && a < 0.0995: // two digits, and no exponent
		text := strconv.FormatFloat(v, 'f', 1-int(math.Floor(math.Log10(a))), 64)
		return strings.TrimRight(text, "0")
	case a < 0.0995:
		return fmt.Sprintf("%.2g", v)
	case a < 9.995:
		return fmt.Sprintf("%.2f", v)
	case a < 99.95:
		return fmt.Sprintf("%.1f", v)
	case a >= 1e15:
		return fmt.Sprintf("%.3g", v)
	}
	return thousands(fmt.Sprintf("%.0f", v))
}

// thousands sets a whole number of five digits and more in groups of three.
func thousands(s string) string {
	first := 0
	if s != "" && s[0] == '-' {
		first = 1
	}
	if len(s)-first < 5 {
		return s
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Around is the spread in words; "" of a figure for which none is known, such as a p99 or the one of its kind.
func (r *Row) Around() string {
	switch {
	case r.Spread == 0 && len(r.Samples) < 2:
		return ""
	case math.Abs(r.Spread) >= 9.995:
		return "±" + digits(r.Spread) + "x"
	}
	return fmt.Sprintf("±%.0f%%", r.Spread*100)
}
