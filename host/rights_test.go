package host_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// Rights that an admin changes hold for what is shown, for what is mounted later, and for a version that takes over.
func TestRightsAreLive(t *testing.T) {
	both := []abi.Capability{abi.CapUI, abi.CapProps}
	only := &sandbox.Rules{Allow: []string{"ui"}}
	s := newSite(t, withSetting(t, map[string]any{"c": "a", "key": "sesame-sesame"}))
	v := s.visitor()
	p := v.showing("setting")
	p.shows(p.Pages[1], "a")
	again := func(c, want string) {
		t.Helper()
		if err := s.SetSettings("setting", map[string]any{"c": c, "key": "sesame-sesame"}); err != nil {
			t.Fatal(err)
		}
		for _, page := range p.Pages {
			p.shows(page, want)
		}
	}
	for _, r := range []sandbox.Rights{{Grants: both[:1]}, {Grants: both, Org: only}, {Grants: both, Host: only}, {Grants: both, User: only}} {
		if err := s.SetRights("setting", r); err != nil {
			t.Fatal(err)
		}
		again("b", "?")
		if err := s.SetRights("setting", sandbox.Rights{Grants: both}); err != nil {
			t.Fatal(err)
		}
		again("c", "c")
	}
	if err := s.SetRights("setting", sandbox.Rights{Grants: both[:1]}); err != nil {
		t.Fatal(err)
	}
	p.shows(p.mount(2, v.ticket("setting")), "?")
	next := of(t, "setting", func(m string) string { return m })
	if r, err := s.Replace(context.Background(), "setting", next, &host.ReplaceOptions{Remount: true}); err != nil || r.Fresh != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	again("d", "?")
	if err := s.SetRights("setting", sandbox.Rights{Grants: both}); err != nil {
		t.Fatal(err)
	}
	again("e", "e")
	for name, r := range map[string]sandbox.Rights{
		"no capability":  {Grants: []abi.Capability{"gravity"}},
		"no rule":        {Org: &sandbox.Rules{Allow: []string{"everything"}}},
		"no host's rule": {Host: &sandbox.Rules{Deny: []string{"everything"}}},
		"no user's rule": {User: &sandbox.Rules{Deny: []string{"everything"}}},
	} {
		if err := s.SetRights("setting", r); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	again("f", "f")
	if err := s.SetRights("Setting", sandbox.Rights{}); !errors.Is(err, host.ErrPlace) {
		t.Errorf("no place: %v", err)
	}
}

// What a person may, the host is asked by person: when a plugin is mounted, and whenever rights change.
func TestRightsOfAPerson(t *testing.T) {
	var banned atomic.Value
	banned.Store("")
	var last atomic.Value
	with := withSetting(t, map[string]any{"c": "a", "key": "sesame-sesame"})
	s := newSite(t, func(o *host.Options) {
		with(o)
		at := o.Places["setting"]
		at.User = func(principal string) *sandbox.Rules {
			last.Store(principal)
			if principal == banned.Load() {
				return &sandbox.Rules{Allow: []string{"ui"}}
			}
			return nil
		}
		o.Places["setting"] = at
	})
	ann := s.visitor().showing("setting")
	ann.shows(ann.Pages[1], "a")
	banned.Store(last.Load())
	if last.Load() == "" {
		t.Fatal("nobody was asked about")
	}
	bob := s.visitor().showing("setting")
	if err := s.SetRights("setting", sandbox.Rights{Grants: []abi.Capability{abi.CapUI, abi.CapProps}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetRights("setting", sandbox.Rights{User: &sandbox.Rules{}}); err == nil {
		t.Error("what everybody may was taken beside what the host says of each person")
	}
	if err := s.SetSettings("setting", map[string]any{"c": "b", "key": "sesame-sesame"}); err != nil {
		t.Fatal(err)
	}
	ann.shows(ann.Pages[1], "?")
	bob.shows(bob.Pages[1], "b")
}
