package sandbox

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// form is a form of permission: how a manifest declares it, and two needs, of which it covers one.
type form struct {
	capability abi.Capability
	manifest   string // the keys that declare it
	other      string // those that declare the capability, and something else of it
	text       string
	covered    abi.Need
	beside     abi.Need
}

const dependency = `"dependencies": [{"identifier": "who", "model": "Attendee", "key": "id", "permissions": [%s], "events": {%s}}]`

func forms() []form {
	net := func(host string) string {
		return fmt.Sprintf(`"permissions": {"net": [{"host": %q, "methods": ["GET"], "reason": "It asks.", "secrets": ["apiKey"]}]}, "settings": {"type": "object",
			"additionalProperties": false, "properties": {"apiKey": {"type": "string", "writeOnly": true}}}`, host)
	}
	one := func(ability string) abi.Need {
		return abi.Need{Capability: abi.CapData, Model: "Attendee", Ability: ability, Key: "id", Instance: "123"}
	}
	two := func(ability string) abi.Need {
		n := one(ability)
		n.Instance = "124"
		return n
	}
	list := []form{
		{abi.CapAPI, `"permissions": {"api": [{"method": "GET", "path": "/orders/{id}"}]}`, `"permissions": {"api": [{"method": "GET", "path": "/x"}]}`, "GET /orders/{id}",
			abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/7"}, abi.Need{Capability: abi.CapAPI, Method: "POST", Path: "/orders/7"}},
		{abi.CapAPI, `"permissions": {"api": [{"method": "GET", "path": "/orders/*"}]}`, `"permissions": {"api": [{"method": "GET", "path": "/x"}]}`, "GET /orders/*",
			abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/7/items"}, abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/%2e%2e/users"}},
		{abi.CapSSE, `"permissions": {"sse": ["orders"]}`, `"permissions": {"sse": ["x"]}`, "sse:orders",
			abi.Need{Capability: abi.CapSSE, Channel: "orders"}, abi.Need{Capability: abi.CapSSE, Channel: "users"}},
		{abi.CapSSE, fmt.Sprintf(dependency, "", `"onUpdate": "attendee.updated"`), `"permissions": {"sse": ["x"]}`, "sse:attendee.updated",
			abi.Need{Capability: abi.CapSSE, Channel: "attendee.updated", Key: "id", Instance: "123"}, abi.Need{Capability: abi.CapSSE, Channel: "attendee.updated", Key: "id", Instance: "124"}},
		{abi.CapHTTP, net("api.example.com"), net("x.example.com"), "GET https://api.example.com",
			abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 443}, abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "169.254.169.254", Port: 443}},
		{abi.CapHTTP, net("api.example.com"), net("x.example.com"), "GET https://api.example.com",
			abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 443, Secret: "apiKey"}, abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 443, Secret: "other"}},
		{abi.CapData, fmt.Sprintf(dependency, `"Attendee:view"`, ""), fmt.Sprintf(dependency, `"Attendee:checkIn"`, ""), "Attendee:view", one("view"), two("view")},
		{abi.CapData, `"permissions": {"models": ["Attendee:viewAny"]}`, `"permissions": {"models": ["Order:viewAny"]}`, "Attendee:viewAny", two("view"), one("update")},
		{abi.CapData, `"permissions": {"models": ["Attendee:create"]}`, `"permissions": {"models": ["Order:create"]}`, "Attendee:create",
			abi.Need{Capability: abi.CapData, Model: "Attendee", Ability: "create"}, one("update")},
	}
	for _, p := range abi.PlainPermissions() {
		f := form{p.Capability, fmt.Sprintf(`"permissions": {"plain": [%q]}`, p.Name), "", p.Name,
			abi.Need{Capability: p.Capability, Name: p.Name}, abi.Need{Capability: p.Capability, Name: p.Name + "er"}}
		if p.Capability == abi.CapUser {
			f.other = `"permissions": {"plain": ["user:id"]}`
			if p.Name == "user:id" {
				f.other = `"permissions": {"plain": ["user:orgs"]}`
			}
		}
		list = append(list, f)
	}
	return list
}

func manifestWith(t testing.TB, c abi.Capability, keys string) *abi.Manifest {
	t.Helper()
	capabilities := ""
	if keys != "" || !c.NeedsPermission() {
		capabilities = fmt.Sprintf("%q", string(c))
	}
	if keys != "" {
		keys = ", " + keys
	}
	m, err := abi.ParseManifest([]byte(`{"apiVersion": "v1", "id": "p", "name": "P", "version": "1.0.0", "runtime": {"wasm": "p.wasm"}, "capabilities": [` + capabilities + `]` + keys + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// testGate is the gate of a plugin that declares f or does not, and so on.
func testGate(t testing.TB, f form, declared, granted, user, host bool) *gate {
	t.Helper()
	keys := f.manifest
	if !declared {
		keys = f.other
	}
	r := &Rights{Grants: []abi.Capability{f.capability}, Instances: map[string]string{"who": "123"}, User: &Rules{Allow: []string{string(f.capability)}}}
	p, err := abi.ParsePermission(f.text)
	if err != nil {
		t.Fatal(err)
	}
	if granted {
		r.Permissions = []abi.Permission{p}
	}
	if !user {
		r.User.Deny = []string{f.text}
	}
	rules := &Rules{Allow: []string{"ui", f.text}}
	if !host {
		rules = &Rules{Allow: []string{}}
	}
	ruling, err := newRuling(manifestWith(t, f.capability, keys), r, rules)
	if err != nil {
		t.Fatal(err)
	}
	return newGate(ruling, NewAudit(), whose{"p", "1.0.0", "somebody"}, slog.New(slog.DiscardHandler))
}

// Every form of permission, with every one of the four that decide for it and against it.
func TestEveryPermissionForm(t *testing.T) {
	for _, f := range forms() {
		for bits := range 16 {
			declared, granted, user, host := bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
			name := fmt.Sprintf("%s declared %v granted %v user %v host %v", f.text, declared, granted, user, host)
			want, step := abi.CodeDenied, Step("")
			switch {
			case !declared:
				step = StepManifest
			case !granted:
				step = StepGrant
			case !user:
				step = StepUser
			case !host:
				step = StepHost
			default:
				want = abi.CodeOK
			}
			g := testGate(t, f, declared, granted, user, host)
			if got := g.Permit(&f.covered); got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			explained := g.ruling.Load().explain(&f.covered)
			if explained.Allowed != (want == abi.CodeOK) || firstNo(explained) != step {
				t.Errorf("%s: want %q, explained as\n%s", name, step, explained)
			}
			if denials := g.audit.Denials(nil); want == abi.CodeOK != (len(denials) == 0) || len(denials) > 0 && denials[0].Step != step {
				t.Errorf("%s: recorded %+v, want %q", name, denials, step)
			}
			if got := g.Permit(&f.beside); got != abi.CodeDenied {
				t.Errorf("%s: %s is answered %v", name, f.beside.String(), got)
			}
		}
	}
}

func firstNo(e *Explanation) Step {
	for _, v := range e.Steps {
		if !v.OK {
			return v.Step
		}
	}
	return ""
}

// Every form has a row: none was forgotten.
func TestEveryScopedCapabilityHasAForm(t *testing.T) {
	have := map[abi.Capability]bool{}
	for _, f := range forms() {
		have[f.capability] = true
	}
	for _, c := range abi.Capabilities() {
		if c.NeedsPermission() && !have[c] {
			t.Errorf("no form of %s is tried", c)
		}
	}
}

func TestCapabilitiesAreAskedForByEachLayer(t *testing.T) {
	m := manifestWith(t, abi.CapUI, "")
	for name, c := range map[string]struct {
		rights Rights
		host   *Rules
		want   Step
	}{
		"granted":              {Rights{Grants: []abi.Capability{abi.CapUI}}, nil, ""},
		"not granted":          {Rights{}, nil, StepGrant},
		"user nothing":         {Rights{Grants: []abi.Capability{abi.CapUI}, User: &Rules{}}, nil, StepUser},
		"organisation nothing": {Rights{Grants: []abi.Capability{abi.CapUI}, Org: &Rules{Allow: []string{"props"}}}, nil, StepOrganisation},
		"host denies":          {Rights{Grants: []abi.Capability{abi.CapUI}}, &Rules{Allow: []string{"ui"}, Deny: []string{"ui"}}, StepHost},
		"host allows a part":   {Rights{Grants: []abi.Capability{abi.CapUI}}, &Rules{Allow: []string{"ui:password"}}, ""},
	} {
		r, err := newRuling(m, &c.rights, c.host)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.capability(numberOf(abi.CapUI)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestBudgets(t *testing.T) {
	f := forms()[0]
	r := &Rights{Permissions: []abi.Permission{mustParse(t, f.text)}, Org: &Rules{Allow: []string{"api"}, Budgets: map[abi.Capability]Budget{abi.CapAPI: {Burst: 5, Rate: 1}}}}
	host := &Rules{Allow: []string{"api"}, Budgets: map[abi.Capability]Budget{abi.CapAPI: {Burst: 3, Rate: 7}}}
	ruling, err := newRuling(manifestWith(t, f.capability, f.manifest), r, host)
	if err != nil {
		t.Fatal(err)
	}
	if got := ruling.budgets[numberOf(abi.CapAPI)]; got != (Budget{Burst: 3, Rate: 1}) {
		t.Errorf("of two budgets the smaller is %+v", got)
	}
	r.Org.Budgets[abi.CapAPI] = Budget{Burst: 5} // nothing comes back, whatever the others say
	if ruling, err = newRuling(manifestWith(t, f.capability, f.manifest), r, host); err != nil {
		t.Fatal(err)
	}
	if got := ruling.budgets[numberOf(abi.CapAPI)]; got != (Budget{Burst: 3}) {
		t.Errorf("of two budgets, one of which never fills, the smaller is %+v", got)
	}
	g := newGate(ruling, NewAudit(), whose{}, slog.New(slog.DiscardHandler))
	for i, want := range []abi.Code{abi.CodeOK, abi.CodeOK, abi.CodeOK, abi.CodeLimit} {
		if got := g.Permit(&f.covered); got != want {
			t.Errorf("question %d: %v, want %v", i, got, want)
		}
	}
	if d := g.audit.Denials(nil); len(d) != 1 || d[0].Step != StepBudget {
		t.Errorf("recorded %+v", d)
	}
}

// A budget holds for every capability: for those that need no permission each call is one, however finely it is answered.
func TestBudgetsOfWhatNeedsNoPermission(t *testing.T) {
	for _, c := range abi.Capabilities() {
		if c.NeedsPermission() {
			continue
		}
		keys := ""
		if c == abi.CapClock {
			keys = `"permissions": {"plain": ["clock:fine"]}`
		}
		m := manifestWith(t, c, keys)
		r := &Rights{Grants: []abi.Capability{c}, Permissions: m.Permissions, Budgets: map[abi.Capability]Budget{c: {Burst: 2}}}
		ruling, err := newRuling(m, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		g := newGate(ruling, NewAudit(), whose{}, slog.New(slog.DiscardHandler))
		for i, want := range []abi.Code{abi.CodeOK, abi.CodeOK, abi.CodeLimit, abi.CodeLimit} {
			if got := g.Check(c); got != want {
				t.Errorf("%s, call %d: %v, want %v", c, i, got, want)
			}
			if got := g.Holds(&abi.Need{Capability: c}); got != abi.CodeOK {
				t.Errorf("%s, call %d: what it has under way may not go on: %v", c, i, got)
			}
			if fine := (&abi.Need{Capability: c, Name: "clock:fine", Optional: true}); c == abi.CapClock && g.Permit(fine) != abi.CodeOK {
				t.Errorf("call %d: the fine clock uses the budget too", i)
			}
		}
		if d := g.audit.Denials(nil); len(d) != 1 || d[0].Step != StepBudget || d[0].Times != 2 {
			t.Errorf("%s: recorded %+v", c, d)
		}
	}
}

// Who may not view one may not view all: a rule that denies "Attendee:view" is not passed by "Attendee:viewAny".
func TestDenyingOneInstanceDeniesAll(t *testing.T) {
	m := manifestWith(t, abi.CapData, `"permissions": {"models": ["Attendee:viewAny", "Attendee:updateAny"]}`)
	r := &Rights{Permissions: m.Permissions}
	ruling, err := newRuling(m, r, &Rules{Allow: []string{"data"}, Deny: []string{"Attendee:view"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range []abi.Need{{Ability: "view"}, {Ability: "view", Key: "id", Instance: "1"}, {Ability: "update", Key: "id", Instance: "1"}} {
		need.Capability, need.Model = abi.CapData, "Attendee"
		want := StepHost
		if need.Ability == "update" {
			want = ""
		}
		if got := ruling.permits(numberOf(abi.CapData), &need); got != want {
			t.Errorf("%s is refused by %q, want %q", need.String(), got, want)
		}
	}
}

func mustParse(t testing.TB, text string) abi.Permission {
	t.Helper()
	p, err := abi.ParsePermission(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRulesThatAreNone(t *testing.T) {
	for name, r := range map[string]*Rules{
		"allow":    {Allow: []string{"GET  /x"}},
		"deny":     {Deny: []string{"everything"}},
		"budget":   {Budgets: map[abi.Capability]Budget{"gravity": {Burst: 1, Rate: 1}}},
		"no burst": {Budgets: map[abi.Capability]Budget{abi.CapAPI: {Burst: 0, Rate: 1}}},
		"a year":   {Limits: Ceiling{WallTimeMS: 31_536_000_000}},
	} {
		if err := r.Check(); err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var none *Rules
	if err := none.Check(); err != nil {
		t.Error(err)
	}
}

func TestAllowedCallsAllocateNothing(t *testing.T) {
	for _, f := range forms() {
		g := testGate(t, f, true, true, true, true)
		if n := testing.AllocsPerRun(100, func() {
			if g.Check(f.capability) != abi.CodeOK || g.Permit(&f.covered) != abi.CodeOK {
				t.Fatal("denied")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", f.text, n)
		}
	}
}

// A denial that is like the one before costs no allocation either: a plugin can ask millions of times.
func TestDenialsLikeTheLastAllocateNothing(t *testing.T) {
	f := forms()[0]
	g := testGate(t, f, true, false, true, true)
	g.Permit(&f.covered)
	if n := testing.AllocsPerRun(100, func() { g.Permit(&f.covered) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if d := g.audit.Denials(nil); len(d) != 1 || d[0].Times != 102 {
		t.Errorf("recorded %+v", d)
	}
}

// Whatever a plugin asks for, the records are few, bounded and without its control characters.
func TestAuditIsBounded(t *testing.T) {
	f := forms()[0]
	g := testGate(t, f, true, true, true, true)
	began := time.Now()
	for i := range 10_000 {
		g.Permit(&abi.Need{Capability: abi.CapAPI, Method: "GET\n\x1b[31m", Path: strings.Repeat("é", 5000) + fmt.Sprint(i)})
	}
	list := g.audit.Denials(nil)
	if most := recordBurst + 1 + int(time.Since(began)/recordEvery); len(list) > most || len(list) < recordBurst {
		t.Fatalf("%d records", len(list))
	}
	for _, d := range list {
		if len(d.Need) > 6*2*maxNeed || strings.ContainsFunc(d.Need, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("a record of %d bytes: %q", len(d.Need), d.Need)
		}
	}
	if n := g.audit.Counts()[DenialCount{"p", abi.CapAPI, StepManifest}]; n != 10_000 {
		t.Errorf("%d are counted", n)
	}
	audit := NewAudit()
	for i := range 3 * AuditRecords {
		g := newGate(g.ruling.Load(), audit, whose{fmt.Sprint("plugin", i), "1.0.0", ""}, slog.New(slog.DiscardHandler))
		g.Permit(&f.beside)
	}
	list = audit.Denials(nil)
	if len(list) != AuditRecords || list[0].Plugin != fmt.Sprint("plugin", 3*AuditRecords-1) || list[AuditRecords-1].Plugin != fmt.Sprint("plugin", 2*AuditRecords) {
		t.Errorf("%d records from %s to %s", len(list), list[0].Plugin, list[len(list)-1].Plugin)
	}
	if got := audit.Denials(&DenialQuery{Plugin: "plugin3000", Most: 5}); len(got) != 1 {
		t.Errorf("asked for one plugin: %+v", got)
	}
}

func TestWhatIsAskedInPassingLeavesNoTrace(t *testing.T) {
	g := testGate(t, forms()[0], true, true, true, true)
	if g.Permit(&abi.Need{Capability: abi.CapClock, Name: "clock:fine", Optional: true}) != abi.CodeDenied || len(g.audit.Denials(nil)) != 0 || len(g.counts()) != 0 {
		t.Error("it is not denied, or there is a record")
	}
}

func TestWishesHaveACeiling(t *testing.T) {
	m := &abi.Runtime{MaxPayloadBytes: 1 << 10, Limits: abi.Wish{Fuel: 1 << 50, WallTimeMS: 60_000, Memory: 1 << 20}}
	p := Policy{}
	got := wished(p.Limits, nil, m)
	if got.Fuel != 100_000_000_000 || got.WallTime.Seconds() != 2 || got.Memory != 1<<20 || got.Output != 1<<10 {
		t.Errorf("without ceilings: %+v", got)
	}
	top := *got
	top.Fuel, top.WallTime = 1<<49, 5e9
	if got := wished(p.Limits, &top, m); got.Fuel != 1<<49 || got.WallTime.Seconds() != 5 || got.Memory != 1<<20 {
		t.Errorf("with ceilings: %+v", got)
	}
	if got := wished(nil, &top, &abi.Runtime{}); !reflect.ValueOf(*got).IsZero() {
		t.Errorf("without wishes: %+v", got)
	}
}

// Each layer lowers limits; none widens what another has set, or the plugin's own.
func TestCeilingsOfEachLayer(t *testing.T) {
	m := manifestWith(t, abi.CapUI, "")
	r := &Rights{Limits: Ceiling{Fuel: 500, Memory: 1 << 20}, User: &Rules{Limits: Ceiling{Fuel: 900, FuelRate: 7, Output: 100}}, Org: &Rules{Limits: Ceiling{Fuel: 300, FuelRate: 8}}}
	ruling, err := newRuling(m, r, &Rules{Limits: Ceiling{WallTimeMS: 50, Memory: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Ceiling{Fuel: 300, FuelRate: 7, WallTimeMS: 50, Memory: 1 << 20, Output: 100}); ruling.limits != want {
		t.Errorf("together %+v, want %+v", ruling.limits, want)
	}
	have := runtime.DefaultLimits()
	have.Output = 10
	got := lower(&ruling.limits, have)
	if got == nil || got.Fuel != 300 || got.WallTime != 50*time.Millisecond || got.HostCalls != have.HostCalls || got.Memory != 1<<20 || got.Output != 10 {
		t.Errorf("lowered to %+v", got)
	}
	p := &Plugin{policy: Policy{FuelRate: 70}}
	for ceiling, want := range map[uint64]uint64{0: 70, 50: 50, 90: 70} {
		if got := p.fuelRate(&Ceiling{FuelRate: ceiling}); got != want {
			t.Errorf("with a ceiling of %d, %d units a second, want %d", ceiling, got, want)
		}
	}
	wide := Ceiling{FuelRate: 5, Fuel: 1 << 60, WallTimeMS: 3_600_000}
	if got := lower(&wide, have); got != nil {
		t.Errorf("a ceiling above the limits: %+v", got)
	}
}

func BenchmarkPermit(b *testing.B) {
	for _, f := range forms() {
		b.Run(strings.ReplaceAll(f.text, "/", "|"), func(b *testing.B) {
			g := testGate(b, f, true, true, true, true)
			b.ReportAllocs()
			for b.Loop() {
				if g.Check(f.capability) != abi.CodeOK || g.Permit(&f.covered) != abi.CodeOK {
					b.Fatal("denied")
				}
			}
		})
	}
}
