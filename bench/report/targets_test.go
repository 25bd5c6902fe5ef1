package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
)

// A target whose figure has another name or unit would be missing on the page without a word.
func TestTargetsNameFigures(t *testing.T) {
	files, err := filepath.Glob("../results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no results", err)
	}
	have, cases := map[[5]string]bool{}, map[string]bool{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		results, err := bench.Read(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range results.Rows {
			have[[5]string{r.Case, r.System, r.Variant, r.Metric, r.Unit}], cases[r.Case] = true, true
		}
	}
	for _, target := range targets {
		key := [5]string{target.name, target.system, target.variant, target.metric, target.unit}
		if cases[target.name] && !have[key] {
			t.Errorf("no figure is %q", key)
		}
	}
}
