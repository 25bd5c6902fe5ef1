package shell_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"github.com/vitrine-run/vitrine/shell"
)

func ExampleFiles() {
	names, err := fs.Glob(shell.Files(), "*.js")
	fmt.Println(names, err)
	// Output: [vitrine.js] <nil>
}

// TestSinks holds the built module to the rule that no text can become markup or code.
func TestSinks(t *testing.T) {
	code, err := fs.ReadFile(shell.Files(), "vitrine.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, sink := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment",
		"setHTML", "srcdoc", "eval(", "new Function", "javascript:", "\"data:", "\"blob:", "`data:", "`blob:", ".style", "cssText", "createElementNS",
		"iframe", "XMLSerializer", "localStorage", "postMessage",
	} {
		if bytes.Contains(code, []byte(sink)) {
			t.Errorf("vitrine.js contains %q", sink)
		}
	}
}
