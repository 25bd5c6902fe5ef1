package sandbox

import (
	"math/rand/v2"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// Whatever the layers say, a shortcut allows nothing that one of them refuses; and it is there where all give all.
func TestShortcutsGiveNothing(t *testing.T) {
	m, err := abi.ParseManifest([]byte(`{"apiVersion": "v1", "id": "p", "name": "P", "version": "1.0.0", "runtime": {"wasm": "p.wasm"},
		"capabilities": ["api", "http", "sse", "data", "kv", "user"],
		"permissions": {"api": [{"method": "GET", "path": "/a/{b}"}, {"method": "GET", "path": "/a/*"}], "plain": ["kv", "user:id"], "sse": ["c"], "models": ["M:viewAny"],
			"net": [{"host": "a.example", "methods": ["GET", "POST"], "reason": "It asks."}]},
		"dependencies": [{"identifier": "who", "model": "M", "key": "id", "permissions": ["M:view"], "events": {"onUpdate": "c.d"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"GET /a/{b}", "GET /a/*", "GET /a/x", "POST /a/x", "GET,POST https://a.example", "GET https://a.example", "GET https://b.example",
		"sse:c", "sse:c.d", "M:view", "M:viewAny", "M:updateAny", "kv", "user:id", "user:orgs", "api", "http", "data", "sse", "user"}
	needs := []abi.Need{
		{Capability: abi.CapAPI, Method: "GET", Path: "/a/x"}, {Capability: abi.CapAPI, Method: "GET", Path: "/a/x/y"}, {Capability: abi.CapAPI, Method: "GET", Path: "/a/%2e"},
		{Capability: abi.CapAPI}, {Capability: abi.CapHTTP, Method: "POST", Host: "a.example", Port: 443}, {Capability: abi.CapHTTP, Method: "GET", Host: "a.example", Port: 443},
		{Capability: abi.CapSSE, Channel: "c"}, {Capability: abi.CapSSE, Channel: "c.d", Key: "id", Instance: "1"}, {Capability: abi.CapSSE, Channel: "c.d"},
		{Capability: abi.CapData, Model: "M", Ability: "view", Key: "id", Instance: "1"}, {Capability: abi.CapData, Model: "M", Ability: "view"},
		{Capability: abi.CapKV}, {Capability: abi.CapUser, Name: "user:id"}, {Capability: abi.CapUser, Name: "user:orgs"},
	}
	rnd := rand.New(rand.NewPCG(5, 7))
	some := func(chance float64) (out []string) {
		for _, text := range texts {
			if rnd.Float64() < chance {
				out = append(out, text)
			}
		}
		return out
	}
	rules := func() *Rules {
		if rnd.IntN(3) == 0 {
			return nil
		}
		return &Rules{Allow: some(0.8), Deny: some(0.05)}
	}
	taken := 0
	for range 5000 {
		r := &Rights{User: rules(), Org: rules(), Instances: map[string]string{"who": "1"}, Grants: m.Capabilities}
		for _, p := range m.Permissions {
			if rnd.IntN(4) > 0 {
				r.Permissions = append(r.Permissions, p)
			}
		}
		ruling, err := newRuling(m, r, rules())
		if err != nil {
			t.Fatal(err)
		}
		for i := range needs {
			n := numberOf(needs[i].Capability)
			plain := needs[i].Capability != abi.CapAPI || abi.PlainPath(needs[i].Path)
			got, want := ruling.permits(n, &needs[i]) == "", plain && ruling.refuses(n, &needs[i]) == ""
			if got != want {
				t.Fatalf("%s: allowed %v, layer by layer %v: %+v, %+v, %+v", needs[i].String(), got, want, r.User, r.Org, r.Permissions)
			}
			for j := range ruling.short[n] {
				if plain && ruling.short[n][j].takes(&needs[i]) {
					taken++
					break
				}
			}
		}
	}
	if taken < 10_000 {
		t.Errorf("%d questions of 70,000 were answered by a shortcut", taken)
	}
}
