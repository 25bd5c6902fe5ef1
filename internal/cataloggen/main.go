// Command cataloggen turns abi/catalog.json, the one source of the components that a plugin may
// render, into what Go, the browser, plugin authors and readers use of it. `go generate ./abi` runs
// it in abi/; running it twice changes nothing.
//
//	abi/catalog_gen.go        the table and the numbers for hosts
//	abi/CATALOG.md            the reference for authors
//	shell/src/catalog.gen.ts  what the browser needs to decode and to check
//	shell/src/names.gen.ts    the names, for tests and developers' tools
//	shell/src/codes.gen.ts    the codes of the guest ABI, from code.go
//	sdk/go/catalog_gen.go     the functions that authors call
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"log"
	"os"
	"strings"
	"text/template"
)

const source = "catalog.json"

// A target is a file that is generated from a template.
type target struct{ template, file string }

var targets = []target{
	{"go.tmpl", "catalog_gen.go"},
	{"markdown.tmpl", "CATALOG.md"},
	{"typescript.tmpl", "../shell/src/catalog.gen.ts"},
	{"names.tmpl", "../shell/src/names.gen.ts"},
	{"codes.tmpl", "../shell/src/codes.gen.ts"},
	{"sdk.tmpl", "../sdk/go/catalog_gen.go"},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("cataloggen: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	raw, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	c, err := parse(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	for _, t := range targets {
		if err := t.write(c); err != nil {
			return fmt.Errorf("%s: %w", t.file, err)
		}
	}
	return nil
}

// parse reads the catalog and resolves the names in it to numbers.
func parse(raw []byte) (*catalog, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	c := new(catalog)
	if err := d.Decode(c); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("there is something behind the end")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(compact.Bytes())
	c.Hash = sum[:8]
	return c, c.resolve()
}

func (t target) write(c *catalog) error {
	tmpl, err := template.New(t.template).Funcs(helpers(c)).Funcs(sdkHelpers()).Funcs(template.FuncMap{"codes": readCodes}).ParseFS(templates, "templates/"+t.template)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, c); err != nil {
		return err
	}
	b := out.Bytes()
	if strings.HasSuffix(t.file, ".go") {
		if b, err = format.Source(b); err != nil {
			return err
		}
	}
	return os.WriteFile(t.file, b, 0o644)
}
