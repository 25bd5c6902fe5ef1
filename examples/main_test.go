package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// compiler is shared by all tests, so that each plugin is compiled once. With the race detector that takes
// a minute on a machine that is busy.
var compiler *runtime.Compiler

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	compiler, err = runtime.NewCompiler(&runtime.CompilerOptions{Time: 10 * time.Minute, CacheDir: filepath.Join(dir, "cache")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
