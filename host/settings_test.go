package host_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/sandbox"
)

func withSetting(t *testing.T, settings map[string]any) func(*host.Options) {
	return func(o *host.Options) {
		o.Places["setting"] = host.Place{Plugin: loadFolder(t, "setting", o.Logger), Grants: []abi.Capability{abi.CapUI, abi.CapProps}, Settings: settings}
	}
}

// An admin saves settings while a page shows the plugin: it reads the new ones, with defaults, and never a secret.
func TestSettingsAreLive(t *testing.T) {
	s := newSite(t, withSetting(t, map[string]any{"key": "sesame-sesame"}))
	v := s.visitor()
	p := v.showing("setting")
	p.shows(p.Pages[1], "d")
	if err := s.SetSettings("setting", map[string]any{"c": "n", "key": "sesame-sesame"}); err != nil {
		t.Fatal(err)
	}
	p.shows(p.Pages[1], "n")
	p.shows(p.mount(2, v.ticket("setting")), "n")
	for name, c := range map[string]struct {
		settings map[string]any
		want     error
	}{
		"too long":            {map[string]any{"c": "nn"}, sandbox.ErrSettings},
		"unknown":             {map[string]any{"d": "n"}, sandbox.ErrSettings},
		"other case":          {map[string]any{"C": "n"}, sandbox.ErrSettings},
		"no secret":           {map[string]any{"key": 7}, sandbox.ErrSettings},
		"a secret too short":  {map[string]any{"c": "x", "key": "s"}, hostfuncs.ErrSecret},
		"a secret of a line ": {map[string]any{"key": "sesame\r\nsesame"}, hostfuncs.ErrSecret},
	} {
		err := s.SetSettings("setting", c.settings)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "place[setting]") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.SetSettings("Setting", nil); !errors.Is(err, host.ErrPlace) {
		t.Errorf("no place: %v", err)
	}
	if err := s.SetSettings("desk", map[string]any{"c": "n"}); !errors.Is(err, sandbox.ErrSettings) {
		t.Errorf("a plugin without settings: %v", err)
	}
	if err := s.SetSettings("setting", nil); err != nil {
		t.Fatal(err)
	}
	p.shows(p.Pages[1], "d")
	p.shows(p.Pages[2], "d")
}

// Settings may be saved while plugins are mounted, wherever the secrets are kept.
func TestSettingsWhileMounting(t *testing.T) {
	elsewhere, err := hostfuncs.NewSecrets(map[string]string{"key": "sesame-sesame"})
	if err != nil {
		t.Fatal(err)
	}
	for name, given := range map[string]*hostfuncs.Secrets{"among the settings": nil, "elsewhere": elsewhere} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(o *host.Options) {
				withSetting(t, nil)(o)
				p := o.Places["setting"]
				p.Secrets = given
				o.Places["setting"] = p
			})
			var all sync.WaitGroup
			defer all.Wait()
			all.Go(func() {
				for range 10 {
					if err := s.SetSettings("setting", map[string]any{"c": "n"}); err != nil {
						t.Error(err)
					}
				}
			})
			for range 10 {
				if _, ticket := s.visitor().prerender("setting"); ticket == "" {
					t.Error("not mounted")
				}
			}
			err := s.SetSettings("setting", map[string]any{"key": "sesame-sesame"})
			if (err == nil) != (given == nil) {
				t.Errorf("a secret among the settings: %v", err)
			}
		})
	}
}

// of makes a version of a plugin of testdata with another manifest.
func of(t *testing.T, folder string, change func(string) string) *sandbox.Plugin {
	t.Helper()
	pkg := fstest.MapFS{}
	for _, name := range []string{"vitrine.json", "plugin.wasm"} {
		b, err := os.ReadFile("testdata/" + folder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		pkg[name] = &fstest.MapFile{Data: b}
	}
	before := string(pkg["vitrine.json"].Data)
	pkg["vitrine.json"].Data = []byte(strings.Replace(change(before), `"1.0.0"`, `"2.0.0"`, 1))
	return load(t, pkg)
}

// A newer version that calls a secret plain does not read what was set as one, and one that declares no settings
// any more has none; neither keeps it from taking over.
func TestReplaceKeepsSecrets(t *testing.T) {
	for name, c := range map[string]struct{ from, to, shows string }{
		"a secret that became plain": {`"key": {"type": "string", "writeOnly": true}`, `"key": {"type": "string", "default": "z"}`, "z"},
		"a setting that is gone":     {`"c": {"type": "string", "minLength": 1, "maxLength": 1, "default": "d"},`, ``, "?"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, withSetting(t, map[string]any{"c": "n", "key": "sesame-sesame"}))
			p := s.visitor().showing("setting")
			p.shows(p.Pages[1], "n")
			next := of(t, "setting", func(m string) string { return strings.Replace(m, c.from, c.to, 1) })
			r, err := s.Replace(context.Background(), "setting", next, &host.ReplaceOptions{Remount: true})
			if err != nil || r.Fresh != 1 {
				t.Fatalf("%+v, %v", r, err)
			}
			p.shows(p.Pages[1], c.shows)
		})
	}
}

// A newer version that declares less gets less: a callback that it does not declare any more does not keep
// it out, and cannot be called.
func TestReplaceDropsACallback(t *testing.T) {
	called := make(chan struct{}, 1)
	s := newSite(t, withMirror(t, func(context.Context, sandbox.Caller, any) (any, error) {
		called <- struct{}{}
		return "p", nil
	}))
	p := s.visitor().showing("mirror")
	page := p.Pages[1]
	p.shows(page, "a")
	next := of(t, "mirror", func(m string) string {
		before, rest, ok := strings.Cut(m, `"callbacks"`)
		if !ok || rest == "" {
			t.Fatal("the manifest has no callbacks")
		}
		return strings.TrimRight(before, ", \n") + "}"
	})
	r, err := s.Replace(context.Background(), "mirror", next, &host.ReplaceOptions{Remount: true})
	if err != nil || r.Fresh != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	p.shows(page, "a")
	p.click(page, 0)
	p.shows(page, "?")
	if len(called) > 0 {
		t.Error("the callback was called by a version that does not declare it")
	}
}
