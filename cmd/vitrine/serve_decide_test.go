package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

const decidedManifest = `{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "1.0.0", "runtime": {"wasm": "plugin.wasm"},
	"capabilities": ["props", "ui", "api", "http", "kv", "data", "clock", "sse"],
	"permissions": {"api": [{"method": "GET", "path": "/orders/{id}"}, {"method": "GET", "path": "/users/*"}], "plain": ["kv", "ui:password", "clock:fine"],
		"net": [{"host": "a.example", "methods": ["GET"], "reason": "It asks.", "secrets": ["key"]}]},
	"settings": {"type": "object", "additionalProperties": false, "properties": {"key": {"type": "string", "writeOnly": true}}},
	"dependencies": [{"identifier": "who", "model": "Attendee", "key": "id", "permissions": ["Attendee:view"], "events": {"onUpdate": "attendee.updated"}}],
	"props": {"type": "object", "additionalProperties": false, "properties": {}}, "callbacks": {"onSelect": {"input": {"type": "string"}, "output": {"type": "null"}}}}`

// What an admin takes back is refused, what is given is allowed, everything else stays as it was; and the page says
// what the gate does.
func TestDecisions(t *testing.T) {
	m, err := abi.ParseManifest([]byte(decidedManifest))
	if err != nil {
		t.Fatal(err)
	}
	all := sandbox.Rights{Grants: m.Capabilities, Permissions: m.Permissions, Instances: map[string]string{"who": "7"}}
	wide := all
	wide.Permissions = nil
	for _, text := range []string{"GET /*", "kv", "GET,POST https://a.example", "Attendee:viewAny", "sse:attendee.updated", "clock:fine", "ui:password"} {
		p, err := abi.ParsePermission(text)
		if err != nil {
			t.Fatal(err)
		}
		wide.Permissions = append(wide.Permissions, p)
	}
	asked := sandbox.Consent(m)
	if len(asked) != 12 {
		t.Fatalf("it asks for %d: %v", len(asked), asked)
	}
	for from, r := range map[string]sandbox.Rights{"each": all, "wide": wide, "none": {Instances: all.Instances}} {
		for _, c := range asked {
			if !decidable(c.Right) {
				if c.Right != "callback onSelect" {
					t.Errorf("%s cannot be decided", c.Right)
				}
				continue
			}
			for _, given := range []bool{true, false} {
				decided := decisions(nil, c.Right, given)
				got := asDecided(r, decided, m)
				for _, o := range asked {
					if !decidable(o.Right) {
						continue
					}
					want := grants(&r, o.Right, m)
					if d, ok := decided[o.Right]; ok {
						want = d
					}
					name := fmt.Sprintf("from %s, %s decided %v: %s", from, c.Right, given, o.Right)
					if grants(&got, o.Right, m) != want {
						t.Errorf("%s: the page says %v", name, !want)
					}
					why, err := stopped(&got, o.Right, m)
					if err != nil || (why == "") != want {
						t.Errorf("%s: the gate says %q, %v, want %v", name, why, err, want)
					}
				}
			}
		}
	}
	both := decisions(decisions(nil, "ui", false), "ui:password", true)
	if got := asDecided(sandbox.Rights{}, both, m); !slices.Equal(got.Grants, []abi.Capability{abi.CapUI}) || len(got.Permissions) != 1 {
		t.Errorf("a password is asked for without ui: %+v", got)
	}
	held := all
	held.Host = &sandbox.Rules{Allow: []string{"ui"}}
	if why, err := stopped(&held, "kv", m); err != nil || why != "the host's rules do not allow it" {
		t.Errorf("under rules: %q, %v", why, err)
	}
	held = all
	held.Instances = nil
	if why, err := stopped(&held, "Attendee:view", m); err != nil || why != "nobody has said which Attendee it is about" {
		t.Errorf("without an instance: %q, %v", why, err)
	}
}

// decideRights is what an admin decides in the demo: it holds at once in what is shown, and the page says what was refused.
func (a *administrator) decideRights(badge *tab) {
	a.t.Helper()
	here := "http://" + a.addr
	form := func(right, to string) string { return url.Values{"right": {right}, "to": {to}}.Encode() }
	a.send(a.client, "http://evil.example", "attendee/rights", form("Attendee:update", "revoke"), 403)
	a.send(a.client, here, "attendee/rights", form("Attendee:update", "borrow"), 400)
	a.send(a.client, here, "attendee/rights", form("Attendee:delete", "grant"), 404)
	a.send(a.client, here, "attendee/rights", form("gravity", "grant"), 404)
	a.send(a.client, here, "nobody/rights", form("ui", "revoke"), 404)
	a.send(a.client, here, "attendee/rights", form("Attendee:update", "revoke"), 303)
	press := func() { // somebody at the door presses it as well, every 20 s
		a.t.Helper()
		for _, b := range badge.page.Find("button") {
			if strings.HasPrefix(b.Text("text"), "Check ") {
				badge.write(badge.page.Event(b.ID, 0, nil))
				return
			}
		}
		a.t.Fatal("nobody can be checked in")
	}
	press()
	badge.until("that it may not", badge.says("does not let the plugin change the attendee"))
	if _, body := a.get("/demo/admin"); !strings.Contains(body, "<code>Attendee:update id=a-17</code> <span>not granted</span>") {
		a.t.Errorf("the page does not say what was refused: %s", body)
	}
	a.send(a.client, here, "attendee/rights", form("Attendee:update", "grant"), 303)
	press()
	badge.until("that it may again", func() bool { return !badge.says("does not let the plugin")() })
}
