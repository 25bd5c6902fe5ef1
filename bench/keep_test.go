package bench_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// What cannot be drawn does not take the place of what was.
func TestWriteFileKeepsTheOld(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keepme.html")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := bench.WriteFile(name, func(w io.Writer) error { _, _ = w.Write([]byte("half")); return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if b, err := os.ReadFile(name); string(b) != "old" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestPrepare(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := bench.Prepare(filepath.Join(dir, "a", "b"), there, filepath.Join(dir, "new"), ""); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(there); string(b) != "old" {
		t.Errorf("%q", b)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	for _, c := range [][2]string{{"", dir}, {"", filepath.Join(dir, "no", "file")}, {there, ""}} {
		if bench.Prepare(c[0], c[1]) == nil {
			t.Errorf("%q: no error", c)
		}
	}
}

// A folder is the files of results in it, and each case keeps its own machine.
func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.jsonl": `{"machine":{"date":"2026-01-02T00:00:00Z","load":1,"command":"one"}}` + "\n" + figure(`"value":1`),
		"b.jsonl": `{"machine":{"date":"2026-01-03T00:00:00Z","load":2,"command":"two"}}` + "\n" + `{"case":"d","system":"s","metric":"m","value":2}`,
		"c.txt":   "no results",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := bench.ReadFiles(dir)
	if err != nil || len(r.Rows) != 2 || r.Machines["c"].Command != "one" || r.Machines["d"].Command != "two" || r.Machine.Load != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, name := range []string{t.TempDir(), os.DevNull, filepath.Join(dir, "nothing")} {
		if _, err := bench.ReadFiles(name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
