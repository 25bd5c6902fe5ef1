package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// systems are the modules whose versions a figure depends on.
var systems = map[string]string{
	"github.com/tetratelabs/wazero":               "wazero",
	"github.com/bytecodealliance/wasmtime-go/v39": "wasmtime-go",
	"github.com/extism/go-sdk":                    "extism",
	"github.com/knqyf263/go-plugin":               "knqyf263/go-plugin",
	"github.com/hashicorp/go-plugin":              "hashicorp/go-plugin",
	"github.com/dop251/goja":                      "goja",
	"github.com/yuin/gopher-lua":                  "gopher-lua",
}

// ThisMachine describes the machine and the program as they are now.
func ThisMachine(args []string) Machine {
	m := Machine{
		Date: time.Now().UTC().Truncate(time.Second), CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.GOMAXPROCS(0),
		System: runtime.GOOS + "/" + runtime.GOARCH, Load: -1, Versions: map[string]string{"go": runtime.Version()}, Command: typed(args),
	}
	if kib, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		m.Memory = kib << 10
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(b))
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(b), " ")
		if v, err := strconv.ParseFloat(first, 64); err == nil {
			m.Load = v
		}
	}
	m.Nice, m.Autogroup = priority()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if name := systems[d.Path]; name != "" {
				m.Versions[name] = d.Version
			}
		}
	}
	return m
}

// priority is the niceness of this process, and that of its scheduling group where the system has such.
func priority() (nice, group int) {
	if b, err := os.ReadFile("/proc/self/stat"); err == nil { // proc(5): 19th, and the second, in parentheses, is anything
		if fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])); len(fields) > 16 {
			nice, _ = strconv.Atoi(fields[16]) // 0 of anything else
		}
	}
	if on, err := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled"); err != nil || strings.TrimSpace(string(on)) != "1" {
		return nice, 0
	}
	if b, err := os.ReadFile("/proc/self/autogroup"); err == nil { // "/autogroup-7 nice 0"
		_, word, _ := strings.Cut(string(b), " nice ")
		group, _ = strconv.Atoi(strings.TrimSpace(word)) // as above
	}
	return nice, group
}

// Priority says which priority the processes had, "" if it is that of any other.
func (m *Machine) Priority() string {
	var words []string
	if m.Nice != 0 {
		words = append(words, fmt.Sprintf("a process at nice %d", m.Nice))
	}
	if m.Autogroup != 0 {
		words = append(words, fmt.Sprintf("a scheduling group of its own at nice %d", m.Autogroup))
	}
	return strings.Join(words, " in ")
}

// typed is a command without the folders of this machine, which say nothing to others, as Read takes it.
func typed(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		flag, value, ok := strings.Cut(arg, "=")
		switch {
		case filepath.IsAbs(arg):
			arg = filepath.Base(arg)
		case ok && strings.HasPrefix(flag, "-") && filepath.IsAbs(value):
			arg = flag + "=" + filepath.Base(value)
		}
		words[i] = arg
	}
	return shorten(oneLine(strings.Join(words, " ")), maxText, maxText/3)
}

// field is what stands after a name and a colon in one of Linux's tables, "" where there is none.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // was read only
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
