package sandbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

func parsed(t testing.TB, id, version, rest string) *abi.Manifest {
	t.Helper()
	m, err := abi.ParseManifest(fmt.Appendf(nil, `{"apiVersion": "v1", "id": %q, "name": "P", "version": %q, "runtime": {"wasm": "p.wasm"}, %s}`, id, version, rest))
	must(t, err)
	return m
}

func TestCompare(t *testing.T) {
	api := func(list string) string {
		return `"capabilities": ["ui", "api"], "permissions": {"api": [` + list + `]}`
	}
	get := func(path string) string { return fmt.Sprintf(`{"method": "GET", "path": %q}`, path) }
	dep := func(ability, key string) string {
		return fmt.Sprintf(`"capabilities": ["data"], "dependencies": [{"identifier": "who", "model": "Attendee", "key": %q, "permissions": [%q]}]`, key, ability)
	}
	net := func(methods string) string {
		return `"capabilities": ["http"], "permissions": {"net": [{"host": "a.example", "methods": [` + methods + `], "reason": "Weather."}]}`
	}
	for name, c := range map[string]struct {
		from, to string
		width    sandbox.Width
		asked    string
	}{
		"nothing":          {`"capabilities": []`, `"capabilities": []`, sandbox.Equal, ""},
		"same":             {api(get("/a")), api(get("/a")), sandbox.Equal, ""},
		"another name":     {api(get("/a/{id}")), api(get("/a/{number}")), sandbox.Equal, ""},
		"below":            {api(get("/a/*")), api(get("/a/{id}")), sandbox.Narrower, ""},
		"above":            {api(get("/a/{id}")), api(get("/a/*")), sandbox.Wider, "May it read /a/* in this application?"},
		"here and there":   {api(get("/a")), api(get("/b")), sandbox.Wider, "May it read /b in this application?"},
		"no api any more":  {api(get("/a")), `"capabilities": ["ui"]`, sandbox.Narrower, ""},
		"a capability":     {`"capabilities": []`, `"capabilities": ["clock"]`, sandbox.Wider, "May it see the time while it works?"},
		"one to every":     {dep("Attendee:view", "id"), dep("Attendee:viewAny", "id"), sandbox.Wider, "May it read every attendee?"},
		"every to one":     {dep("Attendee:viewAny", "id"), dep("Attendee:view", "id"), sandbox.Narrower, ""},
		"another key":      {dep("Attendee:view", "id"), dep("Attendee:view", "email"), sandbox.Wider, "May it read one attendee? Which Attendee is who?"},
		"a method":         {net(`"GET"`), net(`"POST", "GET"`), sandbox.Wider, `May it exchange data with a.example on the internet (GET, POST)? Its author says: "Weather."`},
		"a method less":    {net(`"POST", "GET"`), net(`"GET"`), sandbox.Narrower, ""},
		"a callback":       {`"capabilities": ["props"]`, `"capabilities": ["props"], "callbacks": {"pick": {"input": {"type": "string"}, "output": {"type": "null"}}}`, sandbox.Wider, "May it call pick, a function of this page that its host provides?"},
		"a setting to set": {`"capabilities": ["props"]`, `"capabilities": ["props"], "settings": {"type": "object", "additionalProperties": false, "properties": {"limit": {"type": "integer"}}, "required": ["limit"]}`, sandbox.Equal, "What is the setting limit to be?"},
		"a secret to read": {
			`"capabilities": ["props"], "settings": {"type": "object", "additionalProperties": false, "properties": {"key": {"type": "string", "writeOnly": true}}}`,
			`"capabilities": ["props"], "settings": {"type": "object", "additionalProperties": false, "properties": {"key": {"type": "string"}}}`,
			sandbox.Wider, "May it read the setting key, which was a secret?",
		},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := sandbox.Compare(parsed(t, "p", "1.0.0", c.from), parsed(t, "p", "1.1.0", c.to))
			must(t, err)
			if got := strings.Join(u.Asked, " "); u.Width != c.width || got != c.asked {
				t.Errorf("%s, asked %q, want %s, %q", u.Width, got, c.width, c.asked)
			}
		})
	}
	if _, err := sandbox.Compare(parsed(t, "p", "1.0.0", `"capabilities": []`), parsed(t, "q", "1.0.0", `"capabilities": []`)); !errors.Is(err, sandbox.ErrOther) {
		t.Errorf("another plugin: %v", err)
	}
}
