package bench

import (
	"os"
	"strconv"
	"strings"
)

// A usage is what the processors have done since the start of the system, in ticks of 10 ms.
type usage struct{ all, busy, own float64 }

// used reads it where Linux has it. Own is what this process and those that it has waited for took; what
// the machine below gave to others counts as busy.
func used() (usage, bool) {
	stat, err := os.ReadFile("/proc/stat")
	self, err2 := os.ReadFile("/proc/self/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	// The name of the program, which may have spaces in it, is in parentheses.
	_, rest, _ := strings.Cut(string(self), ") ")
	cpu, own := strings.Fields(line), strings.Fields(rest)
	if err != nil || err2 != nil || len(cpu) < 9 || len(own) < 15 {
		return usage{}, false
	}
	var u usage
	for i, f := range cpu[1:9] { // user nice system idle iowait irq softirq steal, see proc(5)
		n, _ := strconv.ParseFloat(f, 64)
		if u.all += n; i != 3 && i != 4 {
			u.busy += n
		}
	}
	for _, f := range own[11:15] { // utime stime cutime cstime
		n, _ := strconv.ParseFloat(f, 64)
		u.own += n
	}
	return u, true
}

// others is the part of the processors that neither this process had nor nobody.
func (u usage) others(now usage) float64 {
	return max(0, now.busy-u.busy-(now.own-u.own)) / max(1, now.all-u.all)
}
