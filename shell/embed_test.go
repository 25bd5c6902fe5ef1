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
	// Output: [controls.js devtools.js drawn.js effects.js files.js host.js morph.js mount.js opens.js page.js vitrine.js] <nil>
}

// TestSinks holds the built modules to the rule that no text can become markup or code.
func TestSinks(t *testing.T) {
	var code []byte
	names, err := fs.Glob(shell.Files(), "*.js")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(shell.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		code = append(code, b...)
	}
	for _, sink := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment",
		"setHTML", "srcdoc", "eval(", "new Function", "javascript:", "\"data:", "\"blob:", "`data:", "`blob:", ".style", "cssText", "createElementNS",
		"iframe", "XMLSerializer", "localStorage", "postMessage",
	} {
		if bytes.Contains(code, []byte(sink)) {
			t.Errorf("the shell contains %q", sink)
		}
	}
}
