package abi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

const weatherSettings = `{"type": "object", "additionalProperties": false, "required": ["city", "apiKey"], "properties": {
	"units": {"type": "string", "enum": ["metric", "imperial"], "default": "metric"},
	"city": {"type": "string", "maxLength": 10},
	"apiKey": {"type": "string", "writeOnly": true}
}}`

func settingsSchema(t testing.TB, text string) *abi.Schema {
	t.Helper()
	s, err := abi.ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFill(t *testing.T) {
	schema := settingsSchema(t, weatherSettings)
	for name, c := range map[string]struct {
		schema *abi.Schema
		given  any
		want   string // the settings in diagnostic notation, or the error
	}{
		"a default":          {schema, map[string]any{"city": "Oslo"}, `{"city": "Oslo", "units": "metric"}`},
		"none is needed":     {schema, map[string]any{"city": "Oslo", "units": "imperial"}, `{"city": "Oslo", "units": "imperial"}`},
		"nothing":            {schema, map[string]any{}, "lacks one of city"},
		"a secret":           {schema, map[string]any{"city": "Oslo", "apiKey": "x"}, "apiKey: a secret is not for the plugin to read"},
		"unknown":            {schema, map[string]any{"city": "Oslo", "State": 1}, "State: there is no such key"},
		"wrong":              {schema, map[string]any{"city": 7}, "city: integer where string should be"},
		"no map":             {schema, []any{}, "not a CBOR map"},
		"no schema":          {nil, map[string]any{}, "{}"},
		"none are declared":  {nil, map[string]any{"a": 1}, "a: the manifest declares no settings"},
		"an odd name at all": {nil, map[string]any{"\x1b[2J": 1}, `"\x1b[2J": the manifest declares no settings`},
	} {
		in, err := cbor.Marshal(c.given)
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.schema.Fill(in)
		var wrong *abi.SchemaError
		switch {
		case err == nil:
			v, err := cbor.Unmarshal(out)
			if err != nil || diagnostic(v) != c.want {
				t.Errorf("%s: %s, %v, want %s", name, diagnostic(v), err, c.want)
			}
		case !errors.As(err, &wrong) || err.Error() != c.want:
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, in := range []string{"", "\xff", "\xa0\xa0", "\xbf\xff"} {
		if out, err := schema.Fill([]byte(in)); err == nil {
			t.Errorf("%x was taken as %x", in, out)
		}
	}
}

func TestSplit(t *testing.T) {
	schema := settingsSchema(t, weatherSettings)
	plain, secrets, err := schema.Split(map[string]any{"city": "Oslo", "apiKey": "sesame", "gone": true})
	if got := fmt.Sprint(plain, secrets, err); got != "map[city:Oslo] map[apiKey:sesame] <nil>" {
		t.Error(got)
	}
	if _, secrets, err := schema.Split(map[string]any{"apiKey": ""}); len(secrets) > 0 || err != nil {
		t.Errorf("an empty secret: %v, %v", secrets, err)
	}
	if _, _, err := schema.Split(map[string]any{"apiKey": 7}); err == nil || strings.Contains(err.Error(), "7") {
		t.Errorf("a secret that is a number: %v", err)
	}
	if plain, _, err := (*abi.Schema)(nil).Split(map[string]any{"a": 1}); len(plain) > 0 || err != nil {
		t.Errorf("without a schema: %v, %v", plain, err)
	}
}

// A secret that a plugin could read after all, or everybody in the manifest, is none.
func TestSecretsThatAreNone(t *testing.T) {
	for property, want := range map[string]string{
		`"k": {"type": "integer", "writeOnly": true}`:                                                                         `secret "k" is no text`,
		`"k": {"type": ["string", "null"], "writeOnly": true}`:                                                                `secret "k" is no text`,
		`"k": {"type": "string", "writeOnly": true, "default": "x"}`:                                                          `secret "k" has a value that everybody reads here`,
		`"k": {"type": "string", "writeOnly": true, "enum": ["a"]}`:                                                           `secret "k" has a value that everybody reads here`,
		`"k": {"type": "array", "items": {"type": "string", "writeOnly": true}}`:                                              `a secret lies within setting "k"`,
		`"k": {"type": "object", "additionalProperties": false, "properties": {"in": {"type": "string", "writeOnly": true}}}`: `a secret lies within setting "k"`,
		`"k": {"type": "object", "additionalProperties": {"type": "string", "writeOnly": true}}`:                              `a secret lies within setting "k"`,
	} {
		manifest := `{"apiVersion": "v1", "id": "p", "name": "P", "version": "1.0.0", "runtime": {"wasm": "p.wasm"}, "capabilities": ["props"],
			"settings": {"type": "object", "additionalProperties": false, "properties": {` + property + `}}}`
		if _, err := abi.ParseManifest([]byte(manifest)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", property, err, want)
		}
	}
}

func ExampleSchema_Fill() {
	schema, err := abi.ParseSchema([]byte(`{"type": "object", "additionalProperties": false, "properties": {
		"units": {"type": "string", "default": "metric"}, "apiKey": {"type": "string", "writeOnly": true}}}`))
	if err != nil {
		panic(err)
	}
	set := map[string]any{"apiKey": "open sesame"} // as an admin has set it
	plain, secrets, _ := schema.Split(set)
	in, _ := cbor.Marshal(plain)
	out, _ := schema.Fill(in)
	read, _ := cbor.Unmarshal(out)
	fmt.Println(read, len(secrets))
	// Output: map[units:metric] 1
}
