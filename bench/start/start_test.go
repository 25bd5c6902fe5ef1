package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// TestMain makes this binary one of the processes that are started.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-child" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Every start gives an answer, and the second one of ours is made of what the first has kept.
func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	plugin, err := filepath.Abs("../reset/fresh/testdata/guest.wasm")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bench.Row{}
	if err := measure(dir, plugin, 3, func(r bench.Row) { rows[r.System+" "+r.Variant+" "+r.Metric] = r }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 16 || rows["vitrine second answer"].N != 2 || rows["wazero second process_ratio"].Value == 0 {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
	if kept, err := filepath.Glob(filepath.Join(dir, bench.Ours, "*")); err != nil || len(kept) != 1 {
		t.Errorf("kept for the second start: %v, %v", kept, err)
	}
}
