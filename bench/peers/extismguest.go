package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/vitrine-run/vitrine/bench"
)

// extismGoGuest is the guest in Go by Extism's conventions, built once, as its documentation has it for a plugin in Go
// without TinyGo (extism.org/docs/quickstart/plugin-quickstart).
var extismGoGuest = sync.OnceValues(func() ([]byte, error) {
	tree := bench.Tree(".")
	if tree == "" {
		return nil, fmt.Errorf("the guest of extism in Go is built from Vitrine's sources, which are not here")
	}
	dir, err := os.MkdirTemp("", "extism")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = filepath.Join(tree, "bench", "peers", "extismguest"), append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, msg)
	}
	return os.ReadFile(out)
})
