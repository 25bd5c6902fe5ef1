package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

func need(t testing.TB, text string) *abi.Need {
	t.Helper()
	p, err := abi.ParsePermission(text)
	must(t, err)
	return &abi.Need{Capability: p.Capability, Name: p.Name, Method: p.Method, Path: p.Path, Channel: p.Channel, Model: p.Model, Ability: p.Ability}
}

// pin is a version of one plugin, with the capabilities and permissions that it declares.
func pin(t testing.TB, version, capabilities, keys string, policy *sandbox.Policy) *sandbox.Plugin {
	t.Helper()
	text := fmt.Sprintf(`{"apiVersion": "v1", "id": "actor", "name": "Actor", "version": %q, "runtime": {"wasm": "plugin.wasm"},
		"capabilities": [%s]%s}`, version, capabilities, keys)
	pkg := fstest.MapFS{"vitrine.json": {Data: []byte(text)}, "plugin.wasm": {Data: actorWasm}}
	p, err := sandbox.Load(context.Background(), newRuntime(t), pkg, patient(policy))
	must(t, err)
	return p
}

const netKey = `{"host": "api.example.com", "methods": ["GET"], "reason": "It asks."}`

// An install pins a version: what a newer one declares changes nothing for it, although the
// grants would be wide enough.
func TestEachPinHasItsOwnRights(t *testing.T) {
	older := pin(t, "1.0.0", `"props", "ui", "log", "http", "api"`, `, "permissions": {"net": [`+netKey+`], "api": [{"method": "GET", "path": "/orders/{id}"}]}`, nil)
	newer := pin(t, "2.0.0", `"props", "ui", "log", "http", "api", "kv"`, `, "permissions": {"net": [`+netKey+`], "plain": ["kv"], "api": [{"method": "GET", "path": "/orders/*"}, {"method": "POST", "path": "/orders"}]}`, nil)
	rights := sandbox.Rights{Grants: []abi.Capability{abi.CapUI}}
	for _, text := range []string{"GET /*", "POST /*", "kv"} {
		p, err := abi.ParsePermission(text)
		must(t, err)
		rights.Permissions = append(rights.Permissions, p)
	}
	for _, c := range []struct {
		need         string
		older, newer bool
	}{
		{"GET /orders/7", true, true}, {"GET /orders/7/items", false, true}, {"POST /orders", false, true}, {"kv", false, true}, {"DELETE /orders", false, false},
	} {
		for p, want := range map[*sandbox.Plugin]bool{older: c.older, newer: c.newer} {
			s := box(t, p, nil)
			must(t, s.SetRights(rights))
			if e := s.Explain(need(t, c.need)); e.Allowed != want {
				t.Errorf("%s at %s: want %v\n%s", c.need, p.Manifest().Version, want, e)
			}
		}
	}
}

func TestRevokingTakesEffectAtOnce(t *testing.T) {
	s := box(t, load(t, nil), newStage(), abi.CapUI, abi.CapLog)
	must(t, s.Mount(abi.MountContext{}))
	code := func() int32 {
		must(t, s.Event(command(doLog)))
		return number(t, s, "code")
	}
	if got := code(); got != 0 {
		t.Errorf("before: %d", got)
	}
	must(t, s.SetRights(sandbox.Rights{Grants: []abi.Capability{abi.CapUI}}))
	if got := code(); got != int32(abi.CodeDenied) {
		t.Errorf("after it was revoked: %d", got)
	}
	must(t, s.SetRights(sandbox.Rights{Grants: []abi.Capability{abi.CapUI, abi.CapLog}}))
	if got := code(); got != 0 {
		t.Errorf("after it was granted again: %d", got)
	}
	if err := s.SetRights(sandbox.Rights{Grants: []abi.Capability{"gravity"}}); !errors.Is(err, sandbox.ErrGrant) {
		t.Errorf("a grant of what there is not: %v", err)
	}
	if err := s.SetRights(sandbox.Rights{User: &sandbox.Rules{Allow: []string{"gravity"}}}); err == nil {
		t.Error("rules that are none were taken")
	}
	if got := code(); got != 0 {
		t.Errorf("after rights that were refused: %d", got)
	}
}

// The host's rules are those of every sandbox, running and to come.
func TestTheHostsRulesChangeWhilePluginsRun(t *testing.T) {
	p := load(t, nil)
	running := box(t, p, newStage(), abi.CapUI, abi.CapLog)
	must(t, p.SetRules(&sandbox.Rules{Allow: []string{"ui"}}))
	coming := box(t, p, newStage(), abi.CapUI, abi.CapLog)
	for name, s := range map[string]*sandbox.Sandbox{"running": running, "coming": coming} {
		e := s.Explain(&abi.Need{Capability: abi.CapLog})
		if e.Allowed || !strings.Contains(e.String(), `no   host          the host does not allow the capability "log"`) {
			t.Errorf("%s:\n%s", name, e)
		}
	}
	must(t, p.SetRules(nil))
	if e := running.Explain(&abi.Need{Capability: abi.CapLog}); !e.Allowed {
		t.Errorf("without rules:\n%s", e)
	}
	if err := p.SetRules(&sandbox.Rules{Deny: []string{"?"}}); err == nil {
		t.Error("rules that are none were taken")
	}
}

func TestDenialsAreRecorded(t *testing.T) {
	audit := sandbox.NewAudit()
	s := box(t, load(t, &sandbox.Policy{Audit: audit}), newStage(), abi.CapUI)
	must(t, s.Mount(abi.MountContext{}))
	for range 3 {
		must(t, s.Event(command(doLog)))
	}
	_ = number(t, s, "code") // the events have been dealt with
	list := audit.Denials(&sandbox.DenialQuery{Capability: abi.CapLog})
	if len(list) != 1 || list[0].Times != 3 || list[0].Step != sandbox.StepGrant || list[0].Plugin != "actor" || list[0].Version != "1.0.0" || list[0].Principal != "somebody" {
		t.Errorf("recorded %+v", list)
	}
	var b strings.Builder
	must(t, audit.WriteMetrics(&b))
	if !strings.Contains(b.String(), `vitrine_denials_total{plugin="actor",capability="log",step="grant"} 3`) {
		t.Errorf("the metric is\n%s", b.String())
	}
}

// Rights change while the plugin asks: for the race detector, and every answer is one or the other.
func TestRightsHammer(t *testing.T) {
	p := load(t, nil)
	s := box(t, p, newStage(), abi.CapUI, abi.CapLog)
	must(t, s.Mount(abi.MountContext{}))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 100 {
				switch i {
				case 0:
					grants := []abi.Capability{abi.CapUI, abi.CapLog}
					must(t, s.SetRights(sandbox.Rights{Grants: grants[:1+n%2]}))
				case 1:
					_ = s.Event(command(doLog))
				case 2:
					_, _ = p.Audit().Denials(nil), s.Explain(&abi.Need{Capability: abi.CapLog})
				case 3:
					must(t, p.SetRules([]*sandbox.Rules{nil, {Allow: []string{"ui", "log"}}}[n%2]))
				}
			}
		})
	}
	wg.Wait()
	if got := number(t, s, "code"); got != 0 && got != int32(abi.CodeDenied) {
		t.Errorf("answered %d", got)
	}
}

// The limits of an install hold in its sandboxes, and not in another install's of the same plugin.
func TestLimitsOfAnInstall(t *testing.T) {
	p := load(t, nil)
	tight, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI}, Limits: sandbox.Ceiling{Fuel: 1000}})
	must(t, err)
	defer tight.Close(context.Background())
	_, err = tight.Call(context.Background(), "spin", nil)
	var fault *runtime.Fault
	if !errors.As(err, &fault) || fault.Kind != runtime.FaultFuel {
		t.Errorf("with a ceiling of 1000 units: %v", err)
	}
	if _, err := p.New(&sandbox.Options{Limits: sandbox.Ceiling{WallTimeMS: 1 << 40}}); err == nil {
		t.Error("a wall time of years was taken")
	}
	if _, err := p.New(&sandbox.Options{Budgets: map[abi.Capability]sandbox.Budget{"gravity": {Burst: 1}}}); err == nil {
		t.Error("a budget of what there is not was taken")
	}
	must(t, box(t, p, nil).Mount(abi.MountContext{}))
}

func TestVersionsOfTheHost(t *testing.T) {
	keys := `, "minHostVersion": "2.5.0", "engine": {"vitrine": ">=0.1.0 <1.0.0"}`
	for name, c := range map[string]struct {
		versions sandbox.Versions
		want     string
	}{
		"not known":   {sandbox.Versions{}, ""},
		"right":       {sandbox.Versions{Host: "2.5.0", Vitrine: "0.1.0"}, ""},
		"old host":    {sandbox.Versions{Host: "2.4.9"}, "it needs version 2.5.0 of the host, this is 2.4.9"},
		"new Vitrine": {sandbox.Versions{Vitrine: "1.0.0"}, "it is for versions >=0.1.0 <1.0.0 of Vitrine, this is 1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			pkg := folder(`"props", "ui", "log", "http"`, actorWasm)
			pkg["vitrine.json"].Data = []byte(strings.TrimSuffix(string(pkg["vitrine.json"].Data), "}") + keys + "}")
			_, err := sandbox.Load(context.Background(), newRuntime(t), pkg, &sandbox.Policy{Versions: c.versions})
			var wrong *sandbox.VersionError
			if (err == nil) != (c.want == "") || err != nil && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func ExampleExplain() {
	m, err := abi.ParseManifest([]byte(`{"apiVersion": "v1", "id": "orders", "name": "Orders", "version": "1.0.0", "runtime": {"wasm": "p.wasm"},
		"capabilities": ["api"], "permissions": {"api": [{"method": "GET", "path": "/orders/{id}"}]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	granted := &sandbox.Rights{Permissions: m.Permissions}
	host := &sandbox.Rules{Allow: []string{"ui", "props"}}
	e, err := sandbox.Explain(m, granted, host, &abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/17"})
	fmt.Print(e)
	fmt.Println(err)
	// Output:
	// GET /orders/17: refused
	//   yes  manifest      it declares GET /orders/{id}
	//   yes  grant         it was granted GET /orders/{id}
	//   yes  user          nothing restricts it
	//   yes  organisation  nothing restricts it
	//   no   host          the host does not allow the capability "api"
	//   --   budget        not asked any more; would let it pass: nothing restricts it
	// <nil>
}

func ExampleExplainContribution() {
	m, err := abi.ParseManifest([]byte(`{"apiVersion": "v1", "id": "forms", "name": "Forms", "version": "2.1.0", "runtime": {"wasm": "p.wasm"},
		"minHostVersion": "2.5.0", "capabilities": ["ui"], "contributions": {"widgets": [{"slot": "toolbar", "component": "Button"}]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rights := &sandbox.Rights{Grants: []abi.Capability{abi.CapUI}}
	e, err := sandbox.ExplainContribution(m, rights, nil, sandbox.Versions{Host: "2.4.0"}, []string{"toolbar"}, "toolbar")
	fmt.Print(e)
	fmt.Println(err)
	// Output:
	// toolbar: refused
	//   no   version       it needs version 2.5.0 of the host, this is 2.4.0
	//   --   contribution  not asked any more; would let it pass: it is a widget that shows Button
	//   --   slot          not asked any more; would let it pass: the host has it
	//   --   required      not asked any more; would let it pass: it has ui
	// <nil>
}
