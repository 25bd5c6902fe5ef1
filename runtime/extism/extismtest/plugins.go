// Package extismtest finds the plugins that come with Extism's own SDK for Go, so that tests run what
// its users run. Their module is downloaded, and held to its checksum, but never linked.
package extismtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
)

// Dir is the folder with the plugins.
var Dir = sync.OnceValues(func() (string, error) {
	if _, err := command("mod", "download", module); err != nil {
		return "", err
	}
	dir, err := command("list", "-m", "-f", "{{.Dir}}", module)
	return filepath.Join(strings.TrimSpace(dir), "wasm"), err
})

const module = "github.com/extism/go-sdk"

// command runs go where the module is pinned.
func command(args ...string) (string, error) {
	_, file, _, _ := goruntime.Caller(0)
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(filepath.Dir(file), "..", "testdata", "plugins")
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %v: %w", args, err)
	}
	return string(out), nil
}
