package abi_test

import (
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func TestPermissionCovers(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"GET /orders/{id}", "GET /orders/17", true}, {"GET /orders/17", "GET /orders/{id}", false}, {"GET /orders/{id}", "GET /orders/{number}", true},
		{"GET /orders/*", "GET /orders/{id}", true}, {"GET /orders/*", "GET /orders/{id}/items/*", true}, {"GET /orders/{id}", "GET /orders/*", false},
		{"GET /orders/*", "GET /orders", false}, {"GET /orders", "GET /orders/*", false}, {"GET /*", "GET /", false}, {"GET /*", "GET /a/b", true}, {"GET /", "GET /", true},
		{"GET /a", "POST /a", false}, {"GET /a/*", "GET /a/*", true}, {"GET /{a}/b", "GET /x/c", false},
		{"GET,POST https://a.example", "GET https://a.example", true}, {"GET https://a.example", "GET,POST https://a.example", false},
		{"GET https://a.example", "GET http://a.example", false}, {"GET https://a.example", "GET https://a.example:8443", false},
		{"Attendee:viewAny", "Attendee:view", true}, {"Attendee:view", "Attendee:viewAny", false}, {"Attendee:view", "Attendee:view", true}, {"Attendee:viewAny", "Attendee:updateAny", false},
		{"Attendee:create", "Attendee:create", true}, {"sse:a", "sse:a", true}, {"sse:a", "sse:b", false}, {"kv", "kv", true}, {"kv", "jobs", false}, {"user:id", "user:orgs", false},
	} {
		p, q := permission(t, c.p), permission(t, c.q)
		if got := p.Covers(&q); got != c.want {
			t.Errorf("%s covers %s: %v", c.p, c.q, got)
		}
	}
	one, other := permission(t, "Attendee:view"), permission(t, "Attendee:view")
	one.Dependency, one.Key, other.Dependency, other.Key = "who", "id", "who", "email"
	if one.Covers(&other) {
		t.Error("another key is covered")
	}
}

// What a permission covers, it allows: a path that the covered one matches, the other matches.
func FuzzCovers(f *testing.F) {
	for _, s := range [][3]string{{"/a/{b}", "/a/c", "/a/c"}, {"/a/*", "/a/{b}/*", "/a/b/c"}, {"/*", "/a", "/a"}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, p, q, path string) {
		if abi.CheckPattern(p) != nil || abi.CheckPattern(q) != nil {
			return
		}
		a, b := abi.Permission{Capability: abi.CapAPI, Method: "GET", Path: p}, abi.Permission{Capability: abi.CapAPI, Method: "GET", Path: q}
		if a.Covers(&b) && abi.MatchPath(q, path) && !abi.MatchPath(p, path) {
			t.Fatalf("%s covers %s, which matches %s", p, q, path)
		}
	})
}
