package sandbox

import (
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// ruling is everything that decides about one sandbox, made ready. It is never changed: another takes
// its place.
type ruling struct {
	layers  [6]*layer    // manifest, grant, user, organisation, host for the plugin, host for the install; nil does not restrict
	short   [][]shortcut // by number of the capability
	budgets []Budget     // by number of the capability; a Burst of 0 is none. Of those that need no permission, each call is one; of others, what it needs
	limits  Ceiling
}

// layerSteps are those of the layers.
var layerSteps = [...]Step{StepManifest, StepGrant, StepUser, StepOrganisation, StepHost, StepHost}

// rule makes a ruling for a sandbox of p with the host's rules of now.
func (p *Plugin) rule(r *Rights) (*ruling, error) { return newRuling(p.manifest, r, p.rules.Load()) }

// newRuling makes a ruling of a manifest, what an install gives, and what the host allows.
func newRuling(m *abi.Manifest, r *Rights, host *Rules) (*ruling, error) {
	bound := make([]abi.Permission, len(m.Permissions))
	for i, perm := range m.Permissions {
		bound[i] = perm.Bind(r.Instances[perm.Dependency])
	}
	out := &ruling{layers: [6]*layer{declaredBy(m, bound), grantedBy(r, bound)}, budgets: make([]Budget, len(capabilityOrder))}
	out.narrow(r.Budgets, &r.Limits)
	for i, rules := range []*Rules{r.User, r.Org, host, r.Host} {
		l, err := compile(rules, layerSteps[2+i], bound)
		if err != nil {
			return nil, err
		}
		out.layers[2+i] = l
		if rules != nil {
			out.narrow(rules.Budgets, &rules.Limits)
		}
	}
	out.short = out.shortcuts(bound)
	return out, nil
}

func declaredBy(m *abi.Manifest, bound []abi.Permission) *layer {
	l := newLayer(StepManifest)
	for _, c := range m.Capabilities {
		l.some |= 1 << numberOf(c)
	}
	for _, p := range bound {
		l.add(p)
	}
	return l
}

func grantedBy(r *Rights, bound []abi.Permission) *layer {
	l := newLayer(StepGrant)
	for _, c := range r.Grants {
		l.some |= 1 << numberOf(c)
	}
	for _, p := range r.Permissions {
		for _, p := range bind(withSecrets(p, bound), bound) {
			l.add(p)
		}
	}
	return l
}

// narrow takes the smaller of the budgets and of the limits.
func (r *ruling) narrow(budgets map[abi.Capability]Budget, limits *Ceiling) {
	r.limits = under(&r.limits, limits)
	for c, b := range budgets {
		have := &r.budgets[numberOf(c)]
		if have.Burst == 0 { // none so far: a Rate of 0 is one that somebody has set
			*have = b
		}
		have.Burst, have.Rate = min(have.Burst, b.Burst), min(have.Rate, b.Rate)
	}
}

// capability is the step that refuses a capability, "" if none does.
func (r *ruling) capability(n int) Step {
	for _, l := range r.layers {
		if !l.capability(n) {
			return l.step
		}
	}
	return ""
}

// permits is the step that refuses what is needed of capability n, "" if none does.
func (r *ruling) permits(n int, need *abi.Need) Step {
	if need.Capability == abi.CapAPI && !abi.PlainPath(need.Path) {
		return StepManifest // no manifest can declare it
	}
	for i := range r.short[n] {
		if r.short[n][i].takes(need) {
			return ""
		}
	}
	return r.refuses(n, need)
}

// refuses asks layer by layer.
func (r *ruling) refuses(n int, need *abi.Need) Step {
	for _, l := range r.layers {
		if !l.capability(n) || !l.permits(n, need) {
			return l.step
		}
	}
	return ""
}

// gate answers for one sandbox: it reads the ruling that holds now. It is asked by the instance's
// goroutine and by what the plugin has under way.
type gate struct {
	ruling atomic.Pointer[ruling]
	audit  *Audit
	who    whose
	logger *slog.Logger

	mu      sync.Mutex
	buckets []bucket // by number of the capability
	denied  map[abi.Capability]uint64
	silent  uint64 // denials since the last line of log
	logged  time.Time
	record  recorder
}

var _ hostfuncs.Gate = (*gate)(nil)

func newGate(r *ruling, audit *Audit, who whose, logger *slog.Logger) *gate {
	g := &gate{audit: audit, who: who, logger: logger, denied: map[abi.Capability]uint64{}, buckets: make([]bucket, len(capabilityOrder))}
	g.record = recorder{left: recordBurst}
	g.ruling.Store(r)
	return g
}

// NewGate answers as a sandbox does whose plugin has this manifest and these rights, for a host that runs instances by
// itself. Denials are recorded in audit, whose they are by the manifest and the name of a principal; nil is an audit that nobody reads. Rights that
// no host can give are an error, as in Plugin.New. What it answers is safe for concurrent use.
func NewGate(m *abi.Manifest, rights *Rights, audit *Audit, principal string) (hostfuncs.Gate, error) {
	if err := rights.check(); err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: %w", m.ID, err)
	}
	held := rights.clone()
	ruling, err := newRuling(m, &held, nil)
	if err != nil {
		return nil, fmt.Errorf("sandbox: plugin[%s]: %w", m.ID, err)
	}
	if audit == nil {
		audit = NewAudit()
	}
	return newGate(ruling, audit, whose{m.ID, m.Version, principal}, slog.New(slog.DiscardHandler)), nil
}

// Check implements hostfuncs.Gate.
func (g *gate) Check(c abi.Capability) abi.Code {
	n := numberOf(c)
	if n < 0 {
		return g.deny(&abi.Need{Capability: c}, StepManifest)
	}
	r := g.ruling.Load()
	if step := r.capability(n); step != "" {
		return g.deny(&abi.Need{Capability: c}, step)
	}
	if r.budgets[n].Burst > 0 && !c.NeedsPermission() {
		return g.spend(n, r, &abi.Need{Capability: c})
	}
	return abi.CodeOK
}

// spend takes one question from a budget.
func (g *gate) spend(n int, r *ruling, need *abi.Need) abi.Code {
	if !g.take(n, r.budgets[n]) {
		g.deny(need, StepBudget)
		return abi.CodeLimit
	}
	return abi.CodeOK
}

// fine reports, without a trace, whether the plugin's clocks run during a call.
func (g *gate) fine() bool {
	need := abi.Need{Capability: abi.CapClock, Name: "clock:fine", Optional: true}
	return g.ruling.Load().permits(numberOf(abi.CapClock), &need) == ""
}

// Holds implements hostfuncs.Gate.
func (g *gate) Holds(need *abi.Need) abi.Code {
	n := numberOf(need.Capability)
	if n < 0 {
		return g.deny(need, StepManifest)
	}
	r := g.ruling.Load()
	step := Step("")
	if isWhole(need) && !need.Capability.NeedsPermission() {
		step = r.capability(n)
	} else {
		step = r.permits(n, need)
	}
	if step != "" {
		return g.deny(need, step)
	}
	return abi.CodeOK
}

// Permit implements hostfuncs.Gate.
func (g *gate) Permit(need *abi.Need) abi.Code {
	n := numberOf(need.Capability)
	if n < 0 {
		return g.deny(need, StepManifest)
	}
	r := g.ruling.Load()
	if step := r.permits(n, need); step != "" {
		return g.deny(need, step)
	}
	if r.budgets[n].Burst > 0 && need.Capability.NeedsPermission() {
		return g.spend(n, r, need)
	}
	return abi.CodeOK
}

// bucket is what is left of a budget.
type bucket struct {
	left   float64
	filled time.Time
}

func (g *gate) take(n int, b Budget) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	have := g.buckets[n].fill(b, time.Now())
	if have.left < 1 {
		return false
	}
	have.left--
	return true
}

// left is how much of a budget is left.
func (g *gate) left(n int, b Budget) float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buckets[n].fill(b, time.Now()).left
}

func (k *bucket) fill(b Budget, now time.Time) *bucket {
	if k.filled.IsZero() {
		k.left = float64(b.Burst)
	}
	k.left = min(float64(b.Burst), k.left+max(0, now.Sub(k.filled).Seconds())*b.Rate)
	k.filled = now
	return k
}

// deny counts a denial, records it, and writes at most one line a second. What was only asked for in
// passing leaves no trace.
func (g *gate) deny(need *abi.Need, step Step) abi.Code {
	if need.Optional {
		return abi.CodeDenied
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.denied[need.Capability]++
	g.silent++
	now := time.Now()
	g.record.add(g.audit, g.who, need, step, now)
	if now.Sub(g.logged) >= time.Second {
		g.logger.Warn("sandbox: denied", "capability", string(need.Capability), "times", g.silent, "step", string(step), "need", needText(need))
		g.logged, g.silent = now, 0
	}
	return abi.CodeDenied
}

func (g *gate) counts() map[abi.Capability]uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.denied)
}
