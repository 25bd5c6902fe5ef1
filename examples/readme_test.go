package examples_test

import (
	"os"
	"strings"
	"testing"
)

// The README shows these files; what it shows is what is built and tested.
func TestREADMEShowsTheExamples(t *testing.T) {
	readme := read(t, "../README.md")
	for file, most := range map[string]int{"counter/main.go": 25, "host/main.go": 30, "host/serve.go": 35} {
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

// An author copies the manifest from the README or from the package's documentation, and then the
// commands, which cmd/vitrine/testdata/script/author.txtar runs.
func TestAuthorsAreShownTheSame(t *testing.T) {
	manifest := strings.TrimSpace(read(t, "counter/vitrine.json"))
	readme, doc := read(t, "../README.md"), read(t, "../sdk/go/doc.go")
	if !strings.Contains(readme, "```json\n"+manifest+"\n```") {
		t.Error("README.md does not show counter/vitrine.json as it is")
	}
	if !strings.Contains(doc, "//\t"+strings.ReplaceAll(manifest, "\n", "\n//\t")+"\n") {
		t.Error("sdk/go/doc.go does not show counter/vitrine.json as it is")
	}
	script := read(t, "../cmd/vitrine/testdata/script/author.txtar")
	for _, command := range []string{
		"go mod init example.com/counter", "go mod edit -replace github.com/vitrine-run/vitrine=", "go mod tidy", "vitrine build .",
	} {
		for name, text := range map[string]string{"README.md": readme, "sdk/go/doc.go": doc, "author.txtar": script} {
			if !strings.Contains(text, command) {
				t.Errorf("%s does not have %s", name, command)
			}
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

// A page without an icon makes browsers ask for /favicon.ico, and log that it is not there.
func TestHostPageHasItsIcon(t *testing.T) {
	if !strings.Contains(read(t, "host/page/index.html"), `<link rel="icon" href="/icon.svg"`) ||
		!strings.HasPrefix(read(t, "host/page/icon.svg"), "<svg ") {
		t.Error("host/page has no icon")
	}
}
