// Package wasmtest finds the modules that the tests of this folder are run on.
//
// The WebAssembly specification's own test suite, compiled, comes with the
// wazero Go module, so it is on every machine that can build this one:
//
//	for _, s := range wasmtest.Scripts(t) {   // v2/block
//	    for _, c := range s.Commands {        // assert_return, line 57
package wasmtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Script is one file of the suite.
type Script struct {
	Name     string // v1/block
	Dir      string
	Commands []Command `json:"commands"`
}

// Command is a command of a script as wast2json writes it.
type Command struct {
	Type       string  `json:"type"`
	Line       int     `json:"line"`
	Name       string  `json:"name"`
	Filename   string  `json:"filename"`
	Text       string  `json:"text"`
	ModuleType string  `json:"module_type"`
	As         string  `json:"as"`
	Action     Action  `json:"action"`
	Expected   []Value `json:"expected"`
}

// Action is a call or the reading of a global.
type Action struct {
	Type   string  `json:"type"`
	Module string  `json:"module"`
	Field  string  `json:"field"`
	Args   []Value `json:"args"`
}

// Value is an argument or an expected result. A vector's Value is a list.
type Value struct {
	Type     string          `json:"type"`
	LaneType string          `json:"lane_type"`
	Value    json.RawMessage `json:"value"`
}

// Read returns the module of a command.
func (s *Script) Read(t testing.TB, c *Command) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.Dir, c.Filename))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// SpecDir returns the folder with the suite; the test is skipped without it.
func SpecDir(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		t.Skipf("the wazero module cannot be found: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
}

// Scripts returns all scripts, those of the second version of WebAssembly first.
func Scripts(t testing.TB) []*Script {
	t.Helper()
	var scripts []*Script
	for _, v := range []string{"v2", "v1"} {
		dir := filepath.Join(SpecDir(t), v, "testdata")
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) < 50 {
			t.Fatalf("%d scripts in %s, %v", len(files), dir, err)
		}
		for _, f := range files {
			s := &Script{Name: v + "/" + strings.TrimSuffix(filepath.Base(f), ".json"), Dir: dir}
			b, err := os.ReadFile(f)
			if err == nil {
				err = json.Unmarshal(b, s)
			}
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			scripts = append(scripts, s)
		}
	}
	return scripts
}

// Modules calls f with every nth module of the suite, valid or not.
func Modules(t testing.TB, nth int, f func(name string, b []byte)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(SpecDir(t), "v[12]", "testdata", "*.wasm"))
	if err != nil || len(files) < 1000 {
		t.Fatalf("%d modules of the spec suite found, %v", len(files), err)
	}
	for i := 0; i < len(files); i += nth {
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		f(filepath.Base(files[i]), b)
	}
}
