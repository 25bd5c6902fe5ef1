package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/vitrine-run/vitrine/bench"
)

// builtIn is the environment's word for the folder that plugins are built into, which the processes of a run share.
const builtIn = "VITRINE_PEERS_BUILT"

// withPlugins does something while there is a folder to build plugins into.
func withPlugins(do func() int) int {
	if os.Getenv(builtIn) != "" {
		return do()
	}
	dir, err := os.MkdirTemp("", "peers")
	if err == nil {
		err = os.Setenv(builtIn, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	return do()
}

// pluginProgram is the file of a program below plugins. It has in it what such a plugin has, and nothing of what measures it: this
// program links every peer there is, and needs milliseconds to begin.
func pluginProgram(name string) (string, error) {
	return build(name, "./plugins/"+name)
}

// pluginModule is a package as a module of WebAssembly that is called through its exports.
func pluginModule(name, pkg string) ([]byte, error) {
	file, err := build(name+".wasm", pkg, "GOOS=wasip1", "GOARCH=wasm")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// build has Go build a package of this module, once in a run.
func build(name, pkg string, env ...string) (string, error) {
	file := filepath.Join(os.Getenv(builtIn), name)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	tree := bench.Tree(".")
	if tree == "" {
		return "", fmt.Errorf("the plugin %s is built from Vitrine's sources: run this in their folder", name)
	}
	args := []string{"build", "-trimpath", "-ldflags=-s -w", "-o", file}
	if len(env) > 0 {
		args = append(args, "-buildmode=c-shared")
	}
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Dir, cmd.Env = filepath.Join(tree, "bench", "peers"), append(os.Environ(), env...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the plugin %s cannot be built: %w\n%s", name, err, msg)
	}
	return file, nil
}
