package abi_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

func ExampleSchema_Check() {
	s, err := abi.ParseSchema([]byte(`{
	  "type": "object", "additionalProperties": false, "required": ["rows"],
	  "properties": {"rows": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	right, _ := cbor.Marshal(map[string]any{"rows": []any{1, 2}})
	wrong, _ := cbor.Marshal(map[string]any{"rows": []any{1, "2"}})
	fmt.Println(s.Check(right))
	fmt.Println(s.Check(wrong))
	// Output:
	// <nil>
	// rows[1]: string where integer should be
}

func schema(t testing.TB, text string) *abi.Schema {
	t.Helper()
	s, err := abi.ParseSchema([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type object = map[string]any

func TestSchemaChecksValues(t *testing.T) {
	for _, c := range []struct {
		schema string
		right  []any
		wrong  map[string]any // by what is said
	}{
		{`{"type": "string", "minLength": 2, "maxLength": 3}`, []any{"ab", "日本語"},
			map[string]any{"1 characters, not 2 to 3": "a", "4 characters": "abcd", "integer where string": 12, "null where string": nil, "bytes where string": []byte("ab")}},
		{`{"type": "string", "pattern": "^a+$"}`, []any{"a", "aaa"}, map[string]any{"not of the form": "b"}},
		{`{"type": "string", "format": "date"}`, []any{"2026-11-21"}, map[string]any{"not of the format date": "21.11.2026"}},
		{`{"type": "string", "format": "date-time"}`, []any{"2026-11-21T14:00:00Z"}, map[string]any{"not of the format date-time": "2026-11-21"}},
		{`{"type": "string", "format": "email"}`, []any{"a@b.example"}, map[string]any{"not of the format email": "A <a@b.example>"}},
		{`{"type": "string", "format": "uri"}`, []any{"https://a.example/x"}, map[string]any{"not of the format uri": "/x"}},
		{`{"format": "binary"}`, []any{[]byte{}, []byte{1, 2}}, map[string]any{"string where bytes": "ab"}},
		{`{"type": "integer", "minimum": -1, "maximum": 3}`, []any{-1, 0, 3}, map[string]any{"less than": -2, "more than": 4, "number where integer": 1.5, "boolean where": true}},
		{`{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}`, []any{0.5}, map[string]any{"less than": 0, "more than": 1}},
		{`{"type": "number"}`, []any{1, 1.5, -1, int64(abi.MaxInteger), -int64(abi.MaxInteger)}, map[string]any{
			"minus zero": math.Copysign(0, -1), "not a finite": math.NaN(), "finite number": math.Inf(1), "not everybody can keep": uint64(1<<53 + 1), "that not everybody": -int64(1<<53 + 1), "keep exact": uint64(math.MaxUint64)}},
		{`{"type": ["string", "null"]}`, []any{"a", nil}, map[string]any{"boolean where string or null": false}},
		{`{"enum": ["a", 1, true, null]}`, []any{"a", 1, true, nil}, map[string]any{"not one of": "b", "the values": 2, "values that it may have": false, "may have": []any{}}},
		{`{"type": "string", "const": "x"}`, []any{"x"}, map[string]any{"not one of": "y"}},
		{`{"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2}`, []any{[]any{1}, []any{1, 2}},
			map[string]any{"0 items, not 1 to 2": []any{}, "3 items": []any{1, 2, 3}, "[1]: string where integer": []any{1, "a"}, "object where array": object{}}},
		{`{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"], "additionalProperties": false}`,
			[]any{object{"a": 1}, object{"a": 1, "b": "x"}},
			map[string]any{"lacks one of a": object{"b": "x"}, "c: there is no such key": object{"a": 1, "c": 1}, "b: integer where string": object{"a": 1, "b": 1}, "there is no such key": object{"A": 1}}},
		{`{"type": "object", "properties": {}, "additionalProperties": {"type": "boolean"}}`, []any{object{}, object{"x": true}}, map[string]any{"x: integer where boolean": object{"x": 1}}},
		// What nobody keeps exact is refused where anything else is allowed.
		{`{"type": "object", "properties": {}, "additionalProperties": true}`, []any{object{"x": []any{object{"y": []byte{1}}}}},
			map[string]any{"x[0].y: minus zero": object{"x": []any{object{"y": math.Copysign(0, -1)}}}, "x: not a finite": object{"x": math.NaN()}}},
	} {
		s := schema(t, c.schema)
		for _, v := range c.right {
			if err := s.Check(encode(t, v)); err != nil {
				t.Errorf("%s refuses %v: %v", c.schema, v, err)
			}
		}
		for want, v := range c.wrong {
			err := s.Check(encode(t, v))
			var e *abi.SchemaError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s with %v: %v, want %q", c.schema, v, err, want)
			}
		}
	}
}

// Bytes that are no value are errors of the schema as well, and quick ones.
func TestSchemaRefusesWhatIsNoValue(t *testing.T) {
	s := schema(t, `{"type": "object", "properties": {}, "additionalProperties": true}`)
	deep := append([]byte{0xa1, 0x61, 0x61}, []byte(strings.Repeat("\x81", 1_000_000))...)
	for name, b := range map[string][]byte{
		"nothing": {}, "a million deep": deep, "cut off": {0xa1, 0x61}, "trailing": {0xa0, 0xa0}, "indefinite": {0xbf, 0xff},
		"lone surrogate":      {0xa1, 0x61, 0x61, 0x63, 0xed, 0xa0, 0x80},
		"lone surrogate key":  {0xa1, 0x63, 0xed, 0xa0, 0x80, 0x01},
		"doubled key":         {0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02},
		"number in long form": {0xa1, 0x61, 0x61, 0x18, 0x01},
		"a tag":               {0xa1, 0x61, 0x61, 0xc0, 0x60},
		"a count of billions": {0xa1, 0x61, 0x61, 0x9a, 0xff, 0xff, 0xff, 0xff},
	} {
		withinASecond(t, name, func() {
			var e *abi.SchemaError
			if err := s.Check(b); !errors.As(err, &e) || len(err.Error()) > 500 {
				t.Errorf("%s: %.200v", name, err)
			}
		})
	}
	if err := s.Check(encode(t, object{"\x1b[31m" + strings.Repeat("x", 1000): math.NaN()})); err == nil || strings.ContainsAny(err.Error(), "\x1b\n") || len(err.Error()) > 500 {
		t.Errorf("a hostile key: %q", err)
	}
}

func TestSchemaCheckAllocatesLittle(t *testing.T) {
	s := schema(t, `{"type": "object", "additionalProperties": false, "properties": {"rows": {"type": "array", "items": {
		"type": "object", "additionalProperties": false, "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 20}}}}}}`)
	rows := make([]any, 1000)
	for i := range rows {
		rows[i] = object{"id": i, "name": "somebody"}
	}
	value := encode(t, object{"rows": rows})
	allocates(t, "Check", 40, func() {
		if err := s.Check(value); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSecretSettings(t *testing.T) {
	s := schema(t, `{"type": "object", "additionalProperties": false, "properties": {"key": {"type": "string", "writeOnly": true}, "name": {"type": "string"}}}`)
	var none *abi.Schema
	if !s.Secret("key") || s.Secret("name") || s.Secret("other") || none.Secret("key") {
		t.Error("the wrong settings are secret")
	}
}

// A value that our check allows, the library that is our second opinion allows, and the other way
// round, wherever both read the value: bytes are ours alone, and integers are integers in CBOR only.
func FuzzSchema(f *testing.F) {
	schemas := []string{
		`{"type": "object", "additionalProperties": false, "required": ["a"], "properties": {"a": {"type": "integer", "minimum": -5, "maximum": 100}, "b": {"type": ["string", "null"], "minLength": 1, "maxLength": 4}}}`,
		`{"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "number", "exclusiveMinimum": 0}}`,
		`{"type": "object", "additionalProperties": {"type": "array", "items": {"enum": ["x", null, true, 7]}}, "properties": {}}`,
		`{"type": ["string", "integer", "boolean"]}`, `{"const": "x"}`, `{"type": "string", "pattern": "^a*b$"}`,
	}
	for i := range schemas {
		for _, v := range []any{object{"a": 1, "b": "x"}, []any{1, 2.5}, object{"k": []any{"x", nil}}, "x", "aab", nil, -1, 1.5} {
			f.Add(uint8(i), encode(f, v))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, value []byte) {
		text := schemas[int(which)%len(schemas)]
		s := schema(t, text)
		peer, err := compile(t, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		ours := s.Check(value)
		v, err := cbor.Unmarshal(value)
		if err != nil {
			if ours == nil {
				t.Fatalf("%x is no value and is right", value)
			}
			return
		}
		theirs := peer.Validate(v)
		if ours == nil && theirs != nil {
			t.Fatalf("%s allows %v: %v", text, v, theirs)
		}
		if ours != nil && theirs == nil && isPlain(v) {
			t.Fatalf("%s refuses %v: %v", text, v, ours)
		}
	})
}

// isPlain reports whether there is nothing in v that we are stricter about: floats and large integers.
func isPlain(v any) bool {
	switch v := v.(type) {
	case float64, uint64:
		return false
	case int64:
		return v <= abi.MaxInteger && v >= -abi.MaxInteger
	case []any:
		for _, item := range v {
			if !isPlain(item) {
				return false
			}
		}
	case map[string]any:
		for _, item := range v {
			if !isPlain(item) {
				return false
			}
		}
	}
	return true
}
