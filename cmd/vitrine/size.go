package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSize is a flag such as 65536, 64KiB, 64MB, 1.5GiB or 64m. K, M and G alone are
// powers of 1024, as memory is counted.
type byteSize uint64

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.ToLower(strings.TrimSpace(string(text)))
	digits := strings.TrimRight(s, "bikmg ")
	n, err := strconv.ParseFloat(digits, 64)
	unit, ok := sizeUnits[strings.TrimSpace(s[len(digits):])]
	if err != nil || !ok || n < 0 || n*unit >= math.MaxInt64 || strings.ContainsAny(digits, "xpn_") {
		return fmt.Errorf("%q is not a size such as 65536, 64MiB or 1GB", text)
	}
	*b = byteSize(n * unit)
	return nil
}

var sizeUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
}
