package abi_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vitrine-run/vitrine/abi"
)

// beyondSchemas are texts that a pattern cannot refuse, with the reason.
var beyondSchemas = map[string]string{
	"GET /%2e%2e/x": "an escape of what needs none", "GET /x%2fy": "likewise", "GET /x%2Fy": "of what separates", "GET /%252e": "twice",
	"GET /x%00": "of what cannot be seen", "GET /{a}/{a}": "a parameter twice", "GET https://api.example.com:65536": "a number",
}

// What a policy allows, and what a manifest asks of models, the published schemas and the parsers read alike: every
// permission and what looks like one.
func TestRightsAreReadAlike(t *testing.T) {
	entries := map[string]bool{}
	for text := range sentences() {
		entries[text] = true
	}
	for _, c := range abi.Capabilities() {
		entries[string(c)] = true
	}
	for _, text := range append(noPermissions(), "GET /*", "GET,DELETE https://a.example", "GET https://a.example:8443", "GET http://a.example:443",
		"Attendee:"+strings.Repeat("x", 64)+"Any", "Attendee:viewer", "Company:inspectCompany", "Attendee:checkin_any", "Attendee:updateAny", "sse:a/b:c") {
		entries[text] = entries[text] || false
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range []string{"policy", "manifest"} {
		doc, err := os.ReadFile(name + ".schema.json")
		if err == nil {
			schemas[name], err = compile(t, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	right := 0
	for text := range entries {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(text, '\ufffd') {
			t.Fatalf("%q is no text", text)
		}
		policy := fmt.Sprintf(`{"apiVersion": "v1", "host": {"allow": [], "deny": [%s]}, "installs": {"p": {"grants": [%s]}}}`, quoted, quoted)
		_, wrong := abi.ParsePolicy([]byte(policy))
		agree(t, schemas["policy"], policy, text, wrong)
		if wrong == nil {
			right++
		}
		manifest := fmt.Sprintf(`{"apiVersion": "v1", "id": "p", "name": "P", "version": "1.0.0", "runtime": {"wasm": "p.wasm"}, "capabilities": ["data"],
			"dependencies": [{"identifier": "a", "model": "Attendee", "key": "id", "permissions": [%s]}]}`, quoted)
		if _, wrong := abi.ParseManifest([]byte(manifest)); wrong == nil || strings.HasPrefix(text, "Attendee:") {
			agree(t, schemas["manifest"], manifest, text, wrong)
		}
	}
	if right < 35 {
		t.Errorf("only %d of %d were read", right, len(entries))
	}
}

func agree(t *testing.T, schema *jsonschema.Schema, doc, text string, parser error) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err == nil {
		err = schema.Validate(v)
	}
	if beyond := beyondSchemas[text]; (err == nil) != (parser == nil) && (beyond == "" || err != nil) {
		t.Errorf("%q: the schema says %v, the parser %v", text, err, parser)
	}
}
