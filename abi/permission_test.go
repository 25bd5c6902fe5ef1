package abi_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

func ExampleParsePermission() {
	p, err := abi.ParsePermission("GET /orders/{id}")
	fmt.Println(p.Capability, p.Method, p.Path, err)
	fmt.Println("This plugin may " + p.Sentence() + ".")

	_, err = abi.ParsePermission("GET https://localhost")
	fmt.Println(err)
	// Output:
	// api GET /orders/{id} <nil>
	// This plugin may read /orders/{id} in this application.
	// host "localhost" is not the name of a server such as "api.example.com"
}

func ExamplePermission_Allows() {
	view, _ := abi.ParsePermission("Attendee:view")
	view.Key = "id" // the manifest's dependency says what tells attendees apart
	view = view.Bind("123")
	fmt.Println(
		view.Allows(&abi.Need{Capability: abi.CapData, Model: "Attendee", Ability: "view", Key: "id", Instance: "123"}),
		view.Allows(&abi.Need{Capability: abi.CapData, Model: "Attendee", Ability: "view", Key: "id", Instance: "124"}),
	)
	// Output: true false
}

func permission(t testing.TB, text string) abi.Permission {
	t.Helper()
	p, err := abi.ParsePermission(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sentences are permissions and what a person reads of them.
func sentences() map[string]string {
	return map[string]string{
		"GET /orders":                           "read /orders in this application",
		"GET /":                                 "read / in this application",
		"POST /orders/{id}/items/*":             "send to /orders/{id}/items/* in this application",
		"DELETE /a%20b":                         "delete /a%20b in this application",
		"sse:attendee.updated":                  "hear about attendee.updated in this application",
		"GET https://api.example.com":           "ask api.example.com on the internet (GET)",
		"GET,POST https://api.example.com:8443": "exchange data with api.example.com on the internet (GET, POST)",
		"GET http://xn--bcher-kva.example":      "ask xn--bcher-kva.example on the internet (GET), without encryption",
		"Attendee:view":                         "read one attendee",
		"Attendee:viewAny":                      "read every attendee",
		"OrderLine:update":                      "change one order line",
		"OrderLine:updateAny":                   "change every order line",
		"OrderLine:deleteAny":                   "delete every order line",
		"Attendee:create":                       "create records of attendee",
		"Attendee:checkInAny":                   "check in every attendee",
		"kv":                                    "keep data of its own here",
		"user:orgs":                             "know which organisations you belong to",
	}
}

func TestPermissionsAndTheirSentences(t *testing.T) {
	for text, sentence := range sentences() {
		p, err := abi.ParsePermission(text)
		if err != nil || p.String() != text || p.Sentence() != sentence {
			t.Errorf("%s: %q, %q, %v", text, p.String(), p.Sentence(), err)
		}
	}
	for _, p := range abi.PlainPermissions() {
		if got, err := abi.ParsePermission(p.String()); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: %+v, %v", p, got, err)
		}
	}
	for _, c := range abi.Capabilities() {
		if strings.Contains(c.Sentence(), "does not know") {
			t.Errorf("%s has no sentence", c)
		}
	}
}

// noPermissions look like permissions.
func noPermissions() []string {
	return []string{
		"", " ", "http", "KV", "kv ", "user", "user:name", "gravity", "ui",
		"get /orders", "GET  /orders", "GET orders", "GET /orders ", "TRACE /x", "CONNECT /x", "GET,POST /x", "* /x", "GET",
		"GET //x", "GET /x/", "GET /x//y", "GET /../x", "GET /x/.", "GET /x.", "GET /%2e%2e/x", "GET /x%2fy", "GET /x%2Fy", "GET /%252e", "GET /x;y",
		"GET /x%00", `GET /x\y`, "GET /x?y", "GET /x#y", "GET /é", "GET /*/x", "GET /x*", "GET /{}", "GET /{a b}", "GET /{a}x", "GET /{a}/{a}", "GET /" + strings.Repeat("x", 256),
		"GET https://", "GET https://localhost", "GET https://127.0.0.1", "GET https://127.1", "GET https://a.0x7f000001", "GET https://[::1]", "GET https://API.example.com",
		"GET https://api.example.com.", "GET https://api.example.com/", "GET https://api.example.com/x", "GET https://*.example.com", "GET https://u@example.com",
		"GET https://api.example.com:443", "GET https://api.example.com:0", "GET https://api.example.com:65536", "GET https://api.example.com:08", "GET https://api.example.com:",
		"GET http://api.example.com:80", "GET ftp://api.example.com", "POST,GET https://api.example.com", "GET,GET https://api.example.com", ", https://a.b", "GET https://a_b.example",
		"GET https://-a.example", "GET https://a-.example", "GET https://é.example", "GET https://" + strings.Repeat("a", 64) + ".example",
		"sse:", "sse:.a", "sse:a.", "sse:a..b", "sse:a b", "sse:*", "sse:é", "sse:" + strings.Repeat("a", 129),
		"Attendee", "Attendee:", ":view", "attendee:view", "Attendee:View", "Attendee:Any", "Attendee:createAny", "Attendee:view:x", "Attendee:viewany", "Attendee:viewANY", "Attendee:update_any", "Attendee:update_Any", "Attendee:delete__any", "Attendee:viewAnyAny", "Attendee:viewanyAny", "Attendee:view_anyAny", "Attendee:create_any", "Attendee:v" + strings.Repeat("x", 64), "Attendee:" + strings.Repeat("x", 65) + "Any", "Аttendee:view", "Att_\u200bendee:view",
	}
}

func TestWhatIsNoPermission(t *testing.T) {
	for _, text := range noPermissions() {
		if p, err := abi.ParsePermission(text); err == nil {
			t.Errorf("%q is read as %+v", text, p)
		} else if len(err.Error()) > 400 {
			t.Errorf("%.20q: %d bytes of error", text, len(err.Error()))
		}
	}
}

// What one call needs, and which permission covers it.
func TestPermissionAllows(t *testing.T) {
	net := permission(t, "GET,POST https://api.example.com")
	net.Secrets = []string{"apiKey"}
	one := permission(t, "Attendee:view")
	one.Key = "id"
	news := permission(t, "sse:attendee.updated")
	news.Key = "id"
	request := func(change func(*abi.Need)) abi.Need {
		n := abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 443}
		change(&n)
		return n
	}
	instance := func(ability, key, value string) abi.Need {
		return abi.Need{Capability: abi.CapData, Model: "Attendee", Ability: ability, Key: key, Instance: value}
	}
	for i, c := range []struct {
		p    abi.Permission
		n    abi.Need
		want bool
	}{
		{net, request(func(*abi.Need) {}), true},
		{net, request(func(n *abi.Need) { n.Secret = "apiKey" }), true},
		{net, request(func(n *abi.Need) { n.Secret = "other" }), false},
		{net, request(func(n *abi.Need) { n.Method = "DELETE" }), false},
		{net, request(func(n *abi.Need) { n.Method = "get" }), false},
		{net, request(func(n *abi.Need) { n.Host = "evil.example" }), false},
		{net, request(func(n *abi.Need) { n.Host = "api.example.com." }), false},
		{net, request(func(n *abi.Need) { n.Host = "API.example.com" }), false},
		{net, request(func(n *abi.Need) { n.Port = 80 }), false},
		{net, request(func(n *abi.Need) { n.Plain = true }), false},
		{net, request(func(n *abi.Need) { n.Capability = abi.CapAPI }), false},
		{abi.Permission{Capability: abi.CapHTTP}, abi.Need{Capability: abi.CapHTTP}, false},
		{abi.Permission{}, abi.Need{Capability: abi.CapKV}, false},
		{one.Bind("7"), instance("view", "id", "7"), true},
		{one.Bind("7"), instance("view", "id", "8"), false},
		{one.Bind("7"), instance("view", "email", "7"), false},
		{one.Bind("7"), instance("view", "id", ""), false},
		{one.Bind("7"), instance("update", "id", "7"), false},
		{one, instance("view", "id", ""), false}, // not resolved
		{one.Bind(""), instance("view", "id", ""), false},
		{permission(t, "Attendee:viewAny"), instance("view", "id", "8"), true},
		{permission(t, "Attendee:viewAny"), instance("view", "", ""), true},
		{permission(t, "Attendee:viewAny"), instance("update", "id", "8"), false},
		{permission(t, "Attendee:create"), instance("create", "", ""), true},
		{permission(t, "Order:viewAny"), instance("view", "id", "8"), false},
		{permission(t, "sse:a.b"), abi.Need{Capability: abi.CapSSE, Channel: "a.b"}, true},
		{permission(t, "sse:a.b"), abi.Need{Capability: abi.CapSSE, Channel: "a.b", Key: "id", Instance: "1"}, true},
		{permission(t, "sse:a.b"), abi.Need{Capability: abi.CapSSE, Channel: "a.c"}, false},
		{news.Bind("7"), abi.Need{Capability: abi.CapSSE, Channel: "attendee.updated", Key: "id", Instance: "7"}, true},
		{news.Bind("7"), abi.Need{Capability: abi.CapSSE, Channel: "attendee.updated"}, false},
		{permission(t, "kv"), abi.Need{Capability: abi.CapKV}, true},
		{permission(t, "kv"), abi.Need{Capability: abi.CapKV, Name: "kv"}, true},
		{permission(t, "kv"), abi.Need{Capability: abi.CapJobs}, false},
		{permission(t, "user:id"), abi.Need{Capability: abi.CapUser, Name: "user:id"}, true},
		{permission(t, "user:id"), abi.Need{Capability: abi.CapUser, Name: "user:orgs"}, false},
		{permission(t, "user:id"), abi.Need{Capability: abi.CapUser}, false},
		{permission(t, "GET /orders/{id}"), abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/1"}, true},
		{permission(t, "GET /orders/{id}"), abi.Need{Capability: abi.CapAPI, Method: "HEAD", Path: "/orders/1"}, false},
	} {
		if got := c.p.Allows(&c.n); got != c.want {
			t.Errorf("case %d: %s allows %+v: %v, want %v", i, c.p, c.n, got, c.want)
		}
		allocates(t, "Allows", 0, func() { _ = c.p.Allows(&c.n) })
	}
}

func TestPathsThatMatch(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"/", "/", "/x"},
		{"/orders", "/orders", "/orders/1 /order /orders2 /ORDERS /"},
		{"/orders/{id}", "/orders/1 /orders/a%20b /orders/%C3%A9 /orders/* /orders/a:b@c,d", "/orders /orders/1/2 /orders/1/"},
		{"/orders/*", "/orders/1 /orders/1/2/3 /orders/*", "/orders /orders/ /ordersx/1"},
		{"/*", "/x /x/y", "/"},
		{"/a/{b}/c/*", "/a/1/c/d /a/1/c/d/e", "/a/1/c /a/1/x/d /a//c/d"},
		{"/a%20b", "/a%20b", "/a+b /a%20B"},
		// What two servers could read in two ways matches nothing, whatever is allowed.
		{"/*", "", "/%2e%2e/x /..%2fx /..%2Fx /%252e /x//y /x\\y /x;y /x%3By /x%00 /x. /x/. /x/.. /../x /x/ //x x /x?y /x#y http://evil/x " +
			"/x%5C /x%5c /x%2E /x%41 /x%c3%a9 /x%C3 /x%C3%28 /x%C0%AF /x%ED%A0%80 /x%E2%80 /x% /x%2 /x%zz /x%C2%85 /é /x%7F /x%0D%0A /x%25 /x%2B"},
	} {
		if err := abi.CheckPattern(c.pattern); err != nil {
			t.Error(err)
		}
		for _, path := range strings.Fields(c.yes) {
			if !abi.MatchPath(c.pattern, path) || abi.CheckPath(path) != nil {
				t.Errorf("%s does not match %s", c.pattern, path)
			}
		}
		for _, path := range append(strings.Fields(c.no), "", "/x\x00", "/x y", "/x\ny", "/"+strings.Repeat("x", 2048)) {
			if abi.MatchPath(c.pattern, path) {
				t.Errorf("%s matches %q", c.pattern, path)
			}
		}
	}
}

// What is asked for every byte of every call is written out; this is what it means.
func FuzzMatchPath(f *testing.F) {
	for _, s := range [][2]string{{"/a/{b}/*", "/a/b/c"}, {"/", "/"}, {"/a/", "/a"}, {"/a", "/a/b"}, {"/{a}", "/"}, {"/*", "/"}, {"/ab", "/abc"}, {"/{}", "/{}"}, {"/a{b}", "/a{b}"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if pattern == "" || pattern[0] != '/' {
			return
		}
		want := abi.CheckPath(path) == nil
		have, segments := strings.Split(path, "/"), strings.Split(pattern, "/")
		for i, s := range segments {
			switch {
			case i >= len(have):
				want = false
			case s == "*" && i == len(segments)-1:
				want, have = want && have[i] != "", have[:i+1]
			case len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}':
				want = want && have[i] != ""
			default:
				want = want && s == have[i]
			}
		}
		want = want && len(have) == len(segments)
		if got := abi.MatchPath(pattern, path); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, path, got, want)
		}
	})
}

func FuzzPermission(f *testing.F) {
	for _, s := range []string{"GET /a/{b}/*", "GET,POST https://a.example:1", "sse:a.b", "Attendee:viewAny", "kv", "GET /a%C3%A9%20"} {
		f.Add(s, "/a/b/c")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		if p, err := abi.ParsePermission(text); err == nil {
			if p.String() != text || strings.ContainsFunc(p.Sentence(), func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("%q is %q, %q", text, p.String(), p.Sentence())
			}
			if abi.MatchPath(p.Path, path) && abi.CheckPath(path) != nil {
				t.Fatalf("%q matches %q", p.Path, path)
			}
		}
	})
}

// What is needed reads as the permission that is missed: a list of all is not one of them.
func TestNeedsAsText(t *testing.T) {
	for want, n := range map[string]abi.Need{
		"data":               {Capability: abi.CapData},
		"Attendee:viewAny":   {Capability: abi.CapData, Model: "Attendee", Ability: "view"},
		"Attendee:view id=7": {Capability: abi.CapData, Model: "Attendee", Ability: "view", Key: "id", Instance: "7"},
		"Attendee:create":    {Capability: abi.CapData, Model: "Attendee", Ability: "create"},
		"sse:news":           {Capability: abi.CapSSE, Channel: "news"},
		"GET https://api.example.com with apiKey": {Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 443, Secret: "apiKey"},
	} {
		if got := n.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
