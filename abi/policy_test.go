package abi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vitrine-run/vitrine/abi"
)

// A policyVector is a file of testdata/policy: as a manifestVector, but what is expected of one that is right is
// how many of its installs say what they are granted.
type policyVector struct {
	Text   string `json:"text"`
	Hex    string `json:"hex"`
	Beyond bool   `json:"beyondSchema"`
	Expect struct {
		Error        string `json:"error"`
		Line, Column int
		Installs     int `json:"installs"`
	} `json:"expect"`
}

func policyVectors(t testing.TB) map[string]policyVector {
	t.Helper()
	files, err := filepath.Glob("testdata/policy/*.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	out := map[string]policyVector{}
	for _, file := range files {
		var v policyVector
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &v)
		}
		if err != nil {
			t.Fatal(file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = v
	}
	return out
}

func TestPolicyVectors(t *testing.T) {
	for name, v := range policyVectors(t) {
		t.Run(name, func(t *testing.T) {
			in := []byte(v.Text)
			if v.Hex != "" {
				in = unhex(t, v.Hex)
			}
			p, err := abi.ParsePolicy(in)
			if v.Expect.Error == "" {
				if err != nil {
					t.Fatal(err)
				}
				granted := 0
				for _, i := range p.Installs {
					if i.Grants != nil {
						granted++
					}
				}
				if granted != v.Expect.Installs {
					t.Errorf("%d installs say what they are granted, want %d", granted, v.Expect.Installs)
				}
				return
			}
			var e *abi.ManifestError
			if p != nil || !errors.As(err, &e) {
				t.Fatalf("got %+v, %v, want the error %q", p, err, v.Expect.Error)
			}
			if !strings.Contains(e.Message, v.Expect.Error) || e.Line != v.Expect.Line || e.Column != v.Expect.Column {
				t.Errorf("got %d:%d %q, want %d:%d %q", e.Line, e.Column, e.Message, v.Expect.Line, v.Expect.Column, v.Expect.Error)
			}
		})
	}
}

// The published schema says what the parser does, but for what it cannot say.
func TestPolicySchemaAgreesWithTheParser(t *testing.T) {
	doc, err := os.ReadFile("policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := compile(t, doc)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range policyVectors(t) {
		if v.Hex != "" {
			continue // no text
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(v.Text))
		if err == nil {
			err = schema.Validate(value)
		}
		if right := v.Expect.Error == "" || v.Beyond; (err == nil) != right {
			t.Errorf("%s: the schema says %v, the parser %q, beyond the schema: %v", name, err, v.Expect.Error, v.Beyond)
		}
	}
	for _, c := range abi.Capabilities() {
		if !strings.Contains(string(doc), fmt.Sprintf("%q", string(c))) {
			t.Errorf("it lacks the capability %s", c)
		}
	}
}

// POLICY.md names every key that the schema has.
func TestPolicyIsDocumented(t *testing.T) {
	md, err := os.ReadFile("POLICY.md")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	b, err := os.ReadFile("policy.schema.json")
	if err == nil {
		err = json.Unmarshal(b, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for key := range doc.Properties {
		keys = append(keys, key)
	}
	for name, d := range doc.Defs {
		if name == "budgets" {
			continue // its keys are the capabilities
		}
		for key := range d.Properties {
			keys = append(keys, key)
		}
	}
	if len(keys) < 20 {
		t.Fatalf("the schema has only %d keys", len(keys))
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !strings.Contains(string(md), "`"+key+"`") {
			t.Errorf("it lacks %s", key)
		}
	}
}

func TestPolicyBounds(t *testing.T) {
	var many strings.Builder
	for i := range 1025 {
		fmt.Fprintf(&many, ", %q", fmt.Sprint("GET /a", i))
	}
	for name, text := range map[string]string{
		"bytes":   strings.Repeat(" ", abi.MaxPolicy+1),
		"entries": `{"apiVersion": "v1", "host": {"allow": [` + many.String()[2:] + `]}}`,
	} {
		if p, err := abi.ParsePolicy([]byte(text)); p != nil || err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	for _, v := range policyVectors(f) {
		f.Add([]byte(v.Text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := abi.ParsePolicy(in)
		if err != nil {
			var e *abi.ManifestError
			if p != nil || !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || len(err.Error()) > 2048 {
				t.Fatalf("got %v, %v", p, err)
			}
			return
		}
		for _, r := range []*abi.Rules{p.Host, p.User} {
			if err := r.Check(); err != nil {
				t.Fatalf("what was read is refused: %v", err)
			}
		}
		for name := range p.Installs {
			org, given := p.Rules(name)
			if given == nil || (given.Organisation != "") != (org != nil) || org.Check() != nil || abi.CheckBudgets(given.Budgets) != nil {
				t.Fatalf("install %q is %+v, %+v", name, org, given)
			}
		}
		var peer map[string]any // what is accepted, encoding/json reads the same way
		if err := json.Unmarshal(in, &peer); err != nil {
			t.Fatalf("encoding/json refuses it: %v", err)
		}
		if installs, _ := peer["installs"].(map[string]any); len(installs) != len(p.Installs) || (peer["host"] != nil) != (p.Host != nil) {
			t.Fatalf("encoding/json reads %v", peer)
		}
	})
}
