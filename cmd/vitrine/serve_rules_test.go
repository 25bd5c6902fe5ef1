package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// text is what the first text of a tab is, once there is one.
func (p *tab) text() string {
	p.t.Helper()
	p.until("a text", func() bool { return p.page.Root != nil && len(p.page.Find("text")) > 0 })
	return p.page.Find("text")[0].Text("text")
}

// The rules are read again on SIGHUP: what is wrong with them changes nothing, and is said with its place.
func TestServeRules(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.json")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(`{"apiVersion": "v1", "installs": {"setting": {"grants": ["ui", "props"]}}}`)
	s := startServer(t, "vitrine", "../../host/testdata/setting", "--grant", "ui", "--grant", "props", "--cache", "off", "--rules", file)
	if got := s.open("setting").text(); got != "d" {
		t.Errorf("with its grants it shows %q", got)
	}
	for _, c := range []struct{ rules, says, shows string }{
		{`{"apiVersion": "v1", "host": {"allow": ["ui"]}}`, "holds to the rules", "?"},
		{"{\"apiVersion\": \"v1\",\n \"Host\": {}}", "policy.json:2:2: the policy has no key", "?"},
		{`{"apiVersion": "v1", "installs": {"setting": {"grants": ["ui", "props"]}}}`, "holds to the rules", "d"},
		{`{"apiVersion": "v1", "installs": {"sitting": {}}}`, "which is no place here", "d"},
		{`{"apiVersion": "v1", "installs": {"setting": {"resolve": {"who": "1"}}}}`, "which is no dependency of setting", "d"},
		{`{"apiVersion": "v1", "user": {"allow": ["ui"]}, "installs": {"setting": {"grants": ["ui", "props"]}}}`, "holds to the rules", "?"},
	} {
		put(c.rules)
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for s.stderr.Scan() && !strings.Contains(s.stderr.Text(), "rules=") {
		}
		if !strings.Contains(s.stderr.Text(), c.says) || strings.Contains(c.says, ":") && !strings.Contains(s.stderr.Text(), "keeps the old rules") {
			t.Errorf("%s: it says %s", c.rules, s.stderr.Text())
		}
		for s.stderr.Scan() && !strings.Contains(s.stderr.Text(), "another version") { // the folder is read after the rules
		}
		if got := s.open("setting").text(); got != c.shows {
			t.Errorf("%s: it shows %q, want %q", c.rules, got, c.shows)
		}
	}
}

// One SIGHUP is enough for a newer version that declares more, also for what only it depends on; the older one gains nothing by it.
func TestServeNewerDeclaresMore(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	file := filepath.Join(dir, "policy.json")
	wasm, err := os.ReadFile("../../host/testdata/versions/keeper.wasm")
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	version := func(v, capabilities, more string) {
		put(abi.ManifestName, `{"apiVersion": "v1", "id": "desk", "name": "Desk", "version": "`+v+`", "runtime": {"wasm": "plugin.wasm"},
			"capabilities": [`+capabilities+`], `+more+`}`)
	}
	net := func(host string) string {
		return `"permissions": {"net": [{"host": "` + host + `", "methods": ["GET"], "reason": "To ask it."}]`
	}
	for _, rules := range []string{"", `{"apiVersion": "v1", "installs": {"desk": {"grants": ["ui", "http", "data"], "resolve": {"who": "a-17"}}}}`} {
		put("plugin.wasm", string(wasm))
		version("1.0.0", `"ui", "http"`, net("old.example")+`}`)
		s, err := newShelf(slog.New(slog.DiscardHandler), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.addFolder(ctx, dir, []string{"ui", "http", "data"}); err != nil {
			t.Fatal(err)
		}
		h, err := host.New(&host.Options{Origins: []string{"http://localhost"}, Anonymous: true, Places: s.places})
		if err != nil {
			t.Fatal(err)
		}
		before := s.places["desk"].Plugin.Manifest()
		version("2.0.0", `"ui", "http", "data"`, net("new.example")+`}, "dependencies": [{"identifier": "who", "model": "Attendee", "key": "id", "permissions": ["Attendee:view"]}]`)
		book := newRuleBook("", s)
		if rules != "" {
			put("policy.json", rules)
			book.file = file
		}
		if err := book.apply(h); err != nil {
			t.Fatal(err)
		}
		s.reload(ctx, h)
		if got := s.places["desk"].Plugin.Manifest().Version; got != "2.0.0" {
			t.Fatalf("it shows version %s", got)
		}
		held := book.held["desk"]
		for _, c := range []struct {
			m       *abi.Manifest
			need    string
			allowed bool
		}{
			{s.places["desk"].Plugin.Manifest(), "GET https://new.example", true},
			{s.places["desk"].Plugin.Manifest(), "GET https://old.example", false},
			{s.places["desk"].Plugin.Manifest(), "Attendee:view id=a-17", rules != ""},
			{before, "GET https://old.example", true},
			{before, "GET https://new.example", false},
			{before, "Attendee:view id=a-17", false},
		} {
			need, err := parseNeed(c.need)
			if err != nil {
				t.Fatal(err)
			}
			if e, err := sandbox.Explain(c.m, &held, nil, need); err != nil || e.Allowed != c.allowed {
				t.Errorf("%s of version %s under %q: %v %v", c.need, c.m.Version, rules, e, err)
			}
		}
		box, err := s.places["desk"].Plugin.New(&sandbox.Options{Grants: held.Grants, Permissions: held.Permissions, Instances: held.Instances})
		if err != nil {
			t.Fatal(err)
		}
		if code := box.Permit(&abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "new.example", Port: 443}); code != abi.CodeOK {
			t.Errorf("the new version asks its server: %v", code)
		}
		if err := errors.Join(box.Close(ctx), h.Drain(ctx), s.close()); err != nil {
			t.Fatal(err)
		}
	}
}

// The policy in docs is one for the demo: what it says of the examples comes true.
func TestPolicyExample(t *testing.T) {
	p, err := readPolicy("../../docs/examples/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		install, need string
		allowed       bool
		first         sandbox.Step // that says no
	}{
		{"weatherboard", "GET http://weather.vitrine.example", true, ""},
		{"weatherboard", "GET https://weather.vitrine.example", false, sandbox.StepManifest},
		{"weatherboard", "kv", true, ""},
		{"attendee", "Attendee:view id=a-17", true, ""},
		{"attendee", "Attendee:view id=a-18", false, sandbox.StepManifest},
		{"attendee", "kv", false, sandbox.StepManifest},
	} {
		m, err := openManifest("../../examples/" + c.install)
		if err != nil {
			t.Fatal(err)
		}
		r := sandbox.Rights{Grants: m.Capabilities, Permissions: m.Permissions, User: p.User, Host: p.Host}
		if r, err = installed(r, p, c.install, m); err != nil {
			t.Fatal(err)
		}
		need, err := parseNeed(c.need)
		if err != nil {
			t.Fatal(err)
		}
		e, err := sandbox.Explain(m, &r, nil, need)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(e.Steps, func(v sandbox.Verdict) bool { return !v.OK })
		if e.Allowed != c.allowed || !c.allowed && e.Steps[i].Step != c.first {
			t.Errorf("%s of %s:\n%s", c.need, c.install, e)
		}
	}
	for name := range p.Installs {
		if _, err := os.Stat("../../examples/" + name + "/" + abi.ManifestName); err != nil {
			t.Errorf("an install that is no example: %v", err)
		}
	}
	var again map[string]any
	b, err := os.ReadFile("../../docs/examples/policy.json")
	if err == nil {
		err = json.Unmarshal(b, &again)
	}
	if err != nil || again["$schema"] == nil {
		t.Errorf("it names no schema for editors: %v", err)
	}
}
