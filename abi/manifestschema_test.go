package abi_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vitrine-run/vitrine/abi"
)

// compile makes a schema of the library that is our second opinion.
func compile(t testing.TB, doc []byte) (*jsonschema.Schema, error) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(nothing{})
	if err := c.AddResource("schema.json", v); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

// nothing loads no schema from anywhere.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, fmt.Errorf("%s: nothing is loaded", url) }

// The published schema, with which editors help, accepts and refuses what the parser does, but for
// what it cannot say.
func TestPublishedSchemaAgreesWithTheParser(t *testing.T) {
	doc, err := os.ReadFile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := compile(t, doc)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/manifest/*.json")
	if err != nil || len(files) < 200 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		var v manifestVector
		readJSON(t, file, &v)
		if v.Hex != "" {
			continue // no text
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(v.Text))
		if err == nil {
			err = schema.Validate(value)
		}
		if right := v.Expect.Error == "" || v.Beyond; (err == nil) != right {
			t.Errorf("%s: the schema says %v, the parser %q, beyond the schema: %v", filepath.Base(file), err, v.Expect.Error, v.Beyond)
		}
	}
}

// What the parser lists, the published schema lists.
func TestPublishedSchemaHasEveryName(t *testing.T) {
	doc, err := os.ReadFile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range abi.Capabilities() {
		if !strings.Contains(string(doc), fmt.Sprintf("%q", string(c))) {
			t.Errorf("it lacks the capability %s", c)
		}
	}
	for _, p := range abi.PlainPermissions() {
		if !strings.Contains(string(doc), fmt.Sprintf("%q", p.String())) {
			t.Errorf("it lacks the permission %s", p)
		}
	}
}
