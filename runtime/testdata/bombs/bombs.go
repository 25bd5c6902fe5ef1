// Package bombs has the guests that do their worst, for whoever measures or tests what a host keeps of itself
// meanwhile. Each is a text, whose first line says the fault that it must end in, and what wat2wasm has made of it.
package bombs

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.wat *.wasm
var files embed.FS

// A Bomb is a module that exports run, and the fault it must end in; "invalid" is one that nobody runs.
type Bomb struct {
	Name, Fault string
	Wasm        []byte
}

// All returns them by name.
func All() ([]Bomb, error) {
	sources, err := fs.Glob(files, "*.wat")
	if err != nil {
		return nil, err
	}
	var list []Bomb
	for _, name := range sources {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		b := Bomb{Name: strings.TrimSuffix(name, ".wat")}
		head, _, _ := strings.Cut(string(text), "\n")
		b.Fault = strings.TrimPrefix(head, ";; fault: ")
		if b.Wasm, err = files.ReadFile(b.Name + ".wasm"); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}
