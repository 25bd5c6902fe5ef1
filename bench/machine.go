package bench

import (
	"bufio"
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
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if name := systems[d.Path]; name != "" {
				m.Versions[name] = d.Version
			}
		}
	}
	return m
}

// typed is a command without the folders of this machine, which say nothing to others.
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
	return strings.Join(words, " ")
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
