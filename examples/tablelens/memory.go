package main

import (
	"bytes"
	"fmt"
	"runtime/debug"
)

// A Go program that wants more memory than there is ends, so that what will not fit is refused before
// it is read: a file by its size as soon as that is known, a table by its cells once they are counted.

// baseMemory is what is taken whatever the table is: the runtime of Go, the tree, what a step leaves behind.
const baseMemory = 14 << 20

// Bytes of memory for a byte of a file: where it replaces a table of its size, which stays until the
// new one is known to be right, and where it is alone. For cells of a few characters; shorter ones
// are found out when they are counted.
const (
	besideFactor = 8
	aloneFactor  = 5
)

// What a table takes besides its bytes: a cell its place and its value, a row the orders and matches.
const (
	placeBytes = 4
	valueBytes = 8
	rowBytes   = 24
)

// workMemory is the part of the plugin's memory that tables may take.
func workMemory(limit int) int { return max(0, limit-limit/32-baseMemory) }

// largestFile is how many bytes a file may have, at most what a filefield can say.
func largestFile(limit, factor int) int { return min(max(1, workMemory(limit)/factor), 1<<30) }

// setCollector has the collector be thorough where memory begins to be short.
func setCollector(limit int) { debug.SetMemoryLimit(int64(limit) / 16 * 11) }

// tooLarge is why a file is not read. It is the plugin's limit that is in the way, not the file.
type tooLarge struct{ need, limit int }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("this takes about %s of memory and the plugin may have %s: a host can give it more", mebibytes(e.need), mebibytes(e.limit))
}

func mebibytes(n int) string { return count(n>>20) + " MiB" }

// checkSize refuses a file that is too large whatever is in it.
func checkSize(n, limit, factor int) error {
	if n > largestFile(limit, factor) {
		return &tooLarge{needOf(n * factor), limit}
	}
	return nil
}

// needOf is the memory that a plugin must have for tables to take n bytes of it, in whole MiB.
func needOf(n int) int {
	const mib = 1 << 20
	return ((n+baseMemory+30)/31*32 + mib - 1) / mib * mib
}

// measure counts what a table takes at most: separators and line ends in quotes count as if they were
// not. parsed is of the file and the places of its cells, whole of all that will be known.
func measure(data []byte, sep byte) (parsed, whole int) {
	rows := bytes.Count(data, []byte{'\n'}) + 1
	cells := bytes.Count(data, []byte{sep}) + rows
	return len(data) + cells*placeBytes, len(data) + cells*(placeBytes+valueBytes) + rows*rowBytes
}
