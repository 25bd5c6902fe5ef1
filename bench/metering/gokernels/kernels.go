// Package gokernels has kernels in Go, each of which does something n times and returns a checksum. They are guests
// (bench/metering/kernels/go exports them) and a part of the host (bench/program): one source, two ways to run it.
package gokernels

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"io"
	"regexp"
	"sort"
	"strings"
)

// All are the kernels by the names that the guest exports them by.
func All() map[string]func(n int32) int32 {
	return map[string]func(int32) int32{
		"gojson": JSON, "goregexp": Regexp, "goflate": Flate, "gosort": Sort, "gosha256": SHA256, "gomap": Map,
	}
}

type order struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Lines []float64         `json:"lines"`
	Tags  map[string]string `json:"tags"`
}

// JSON writes an order and reads it.
func JSON(n int32) int32 {
	in := order{1, "a somewhat long name", []float64{1, 2.5, 1e9}, map[string]string{"a": "b", "c": "d"}}
	sum := 0
	for range n {
		b, err := json.Marshal(in)
		var out order
		if err != nil || json.Unmarshal(b, &out) != nil {
			return -1
		}
		sum += len(b) + len(out.Tags)
	}
	return int32(sum)
}

var words = regexp.MustCompile(`(\w+)@(\w+)\.(com|org)`)

// Regexp looks for addresses in a text.
func Regexp(n int32) int32 {
	text := strings.Repeat("lorem ipsum someone@example.org dolor sit amet other@site.com ", 4)
	sum := 0
	for range n {
		sum += len(words.FindAllString(text, -1))
	}
	return int32(sum)
}

// Flate compresses four kilobytes and back.
func Flate(n int32) int32 {
	text := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog; ", 100))
	sum := 0
	for range n {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, 6)
		w.Write(text)
		w.Close()
		sum += b.Len()
		out, _ := io.ReadAll(flate.NewReader(&b))
		sum += len(out)
	}
	return int32(sum)
}

// Sort sorts two thousand numbers.
func Sort(n int32) int32 {
	s, sum := uint32(1), uint32(0)
	a := make([]int, 2000)
	for range n {
		for i := range a {
			s = s*1664525 + 1013904223
			a[i] = int(s >> 8)
		}
		sort.Slice(a, func(i, j int) bool { return a[i] < a[j] })
		sum += uint32(a[1000])
	}
	return int32(sum)
}

// SHA256 hashes four kilobytes.
func SHA256(n int32) int32 {
	b := make([]byte, 4096)
	sum := 0
	for i := range n {
		b[0] = byte(i)
		h := sha256.Sum256(b)
		sum += int(h[0])
	}
	return int32(sum)
}

// Map fills a map and asks it.
func Map(n int32) int32 {
	sum := 0
	for range n {
		m := map[int]int{}
		for i := range 1000 {
			m[i*7]++
		}
		for k := range 2000 {
			sum += m[k]
		}
	}
	return int32(sum)
}
