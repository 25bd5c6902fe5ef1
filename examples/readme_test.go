package examples_test

import (
	"os"
	"strings"
	"testing"
)

// The README shows these files; what it shows is what is built and tested.
func TestREADMEShowsTheExamples(t *testing.T) {
	readme := read(t, "../README.md")
	for file, most := range map[string]int{"counter/main.go": 25, "host/main.go": 30} {
		source := read(t, file)
		shown := source[strings.Index(source, "package main"):]
		if body, _, cut := strings.Cut(shown, "\nfunc must"); cut {
			shown = body
		}
		if !strings.Contains(readme, "```go\n"+strings.TrimSpace(shown)+"\n```") {
			t.Errorf("README.md does not show %s as it is", file)
		}
		if n := strings.Count(shown, "\n"); n >= most {
			t.Errorf("%s is shown in %d lines, want fewer than %d", file, n, most)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
