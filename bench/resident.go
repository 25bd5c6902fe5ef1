package bench

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// Resident is what the operating system says that this process has in memory, in bytes: all of it, and its part
// of what it shares with others (Rss and Pss of proc(5), smaps_rollup). What Go does not need is given back first.
// It is for Linux.
func Resident() (rss, pss float64, err error) {
	debug.FreeOSMemory()
	for _, f := range []struct {
		name string
		to   *float64
	}{{"Rss", &rss}, {"Pss", &pss}} {
		text := field("/proc/self/smaps_rollup", f.name)
		if _, err := fmt.Sscan(strings.TrimSuffix(text, " kB"), f.to); err != nil {
			return 0, 0, fmt.Errorf("bench: this system does not say what a process has in memory: %w", err)
		}
		*f.to *= 1024
	}
	return rss, pss, nil
}
