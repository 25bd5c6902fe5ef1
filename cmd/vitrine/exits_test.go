package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs the program and wants an exit code of it:
//
//	exits 5 inspect broken.wasm
//
// What it wrote is in the files out and err, for grep and cmp. With "<name" as its
// first argument the program reads that file.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE [<FILE] ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	args = args[1:]
	var stdin []byte
	if len(args) > 0 && strings.HasPrefix(args[0], "<") {
		stdin = []byte(ts.ReadFile(args[0][1:]))
		args = args[1:]
	}
	// testscript puts the folder of its commands first.
	bin, _, _ := strings.Cut(ts.Getenv("PATH"), string(os.PathListSeparator))
	cmd := exec.Command(filepath.Join(bin, "vitrine"), args...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "TMPDIR"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("running vitrine: %v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), stdout.Bytes(), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("err"), stderr.Bytes(), 0o666))
	ts.Logf("[stdout]\n%s[stderr]\n%s", stdout.Bytes(), stderr.Bytes())
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// oneObject wants exactly one JSON object on one line in a file.
func oneObject(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); neg || err != nil || strings.Count(text, "\n") != 1 {
		ts.Fatalf("not one JSON object on one line: %v\n%s", err, text)
	}
}

// cut writes the first bytes of a file to another one: cut 100 FROM TO.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[1])[:n]), 0o666))
}

// unhex writes a file of bytes: unhex 0061736d FILE.
func unhex(ts *testscript.TestScript, _ bool, args []string) {
	b, err := hex.DecodeString(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o666))
}
