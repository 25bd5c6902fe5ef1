package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
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
