package program_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/program"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every kernel that is also written in Go answers the same there, and whoever lies is found out.
func TestVerifies(t *testing.T) {
	inC := []string{"fib", "tak", "sieve", "matmul", "mandelbrot", "nbody", "spectral", "crc32", "quicksort", "heapsort", "gimli", "sha256"}
	cases := program.Cases(program.Light())
	rows := benchtest.Verifies(t, &cases[0], &bench.Options{Rounds: 1, Turn: time.Millisecond, Variants: append(inC, "rsort")})
	for _, name := range inC {
		if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "go" && r.Variant == name && r.Metric == "time" }) {
			t.Errorf("no %s in Go", name)
		}
	}
	if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "wazero" && r.Variant == "geomean" }) {
		t.Error("no geometric mean")
	}
	rows = benchtest.Verifies(t, &cases[1], &bench.Options{Rounds: 1, Turn: time.Millisecond})
	if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "wazero" && r.Variant == "2" && r.Metric == "scaling" }) {
		t.Error("no scaling")
	}
}

// So do those that are guests and a part of the host from one source.
func TestVerifiesGo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles modules of 8 MB for each system")
	}
	cases := program.Cases(program.Light()[:2])
	rows := benchtest.Verifies(t, &cases[0], &bench.Options{Rounds: 1, Turn: time.Millisecond, Tree: "../..", Variants: []string{"gojson", "prog_template"}})
	for _, name := range []string{"gojson", "prog_template"} {
		if !slices.ContainsFunc(rows, func(r bench.Row) bool { return r.System == "go" && r.Variant == name }) {
			t.Errorf("no %s", name)
		}
	}
}

// The source is one.
func TestCopied(t *testing.T) {
	for _, kind := range []string{"kernels", "programs"} {
		guest, err := os.ReadFile(filepath.Join("..", "metering", kind, "go", "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		host, err := os.ReadFile(filepath.Join("go"+kind, kind+".go"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := essence(t, host), essence(t, guest); !bytes.Equal(got, want) {
			t.Errorf("%s: run copy.sh: they differ", kind)
		}
	}
}

// essence is a source without what copy.sh changes.
func essence(t *testing.T, src []byte) []byte {
	t.Helper()
	var kept []string
	for _, line := range strings.Split(string(src), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "package ") && line != "func main() {}" {
			kept = append(kept, line)
		}
	}
	return []byte(strings.Join(kept, "\n"))
}
