package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// Explanation says why something is allowed or refused, step by step. All steps are there. Those behind the first that
// says no are not asked any more; what they would say is what stands in the way next.
type Explanation struct {
	Subject string    `json:"subject"` // what is asked about, escaped
	Allowed bool      `json:"allowed"`
	Steps   []Verdict `json:"steps"`
}

// Verdict is the answer to one step.
type Verdict struct {
	Step  Step   `json:"step"`
	Asked bool   `json:"asked"` // false behind the first that says no
	OK    bool   `json:"ok"`    // what it says, or would say
	Why   string `json:"why"`   // a sentence without its full stop
}

// String is a line for the subject and one for each step.
func (e *Explanation) String() string {
	var b strings.Builder
	b.WriteString(e.Subject + ": refused\n")
	if e.Allowed {
		b.Reset()
		b.WriteString(e.Subject + ": allowed\n")
	}
	for _, v := range e.Steps {
		mark, why := "no ", v.Why
		switch {
		case !v.Asked && v.OK:
			mark, why = "-- ", "not asked any more; would let it pass: "+why
		case !v.Asked:
			mark, why = "-- ", "not asked any more; would refuse it as well: "+why
		case v.OK:
			mark = "yes"
		}
		fmt.Fprintf(&b, "  %s  %-12s  %s\n", mark, v.Step, why)
	}
	return b.String()
}

func (e *Explanation) add(step Step, ok bool, format string, args ...any) {
	e.Steps = append(e.Steps, Verdict{step, e.Allowed, ok, fmt.Sprintf(format, args...)}) // so far allowed
	e.Allowed = e.Allowed && ok
}

// Explain says why a plugin with a manifest, what an install gives it, and what the host allows may do
// something or not. A nil r gives nothing, a nil host does not restrict. The answer is the gate's own, but for
// budgets: whether one is left only a running sandbox knows (Sandbox.Explain). An error is one of the rules.
func Explain(m *abi.Manifest, r *Rights, host *Rules, need *abi.Need) (*Explanation, error) {
	if r == nil {
		r = &Rights{}
	}
	ruling, err := newRuling(m, r, host)
	if err != nil {
		return nil, err
	}
	return ruling.explain(need), nil
}

// Explain says why the sandbox may do something now or not. It uses up no budget and leaves no record.
func (s *Sandbox) Explain(need *abi.Need) *Explanation {
	r := s.gate.ruling.Load()
	e := r.explain(need)
	n := numberOf(need.Capability)
	if n < 0 {
		return e
	}
	if b := r.budgets[n]; b.Burst > 0 {
		left := s.gate.left(n, b)
		e.Steps = e.Steps[:len(e.Steps)-1]
		e.add(StepBudget, left >= 1, "%.0f of %d are left, and %g come back each second", left, b.Burst, b.Rate)
	}
	return e
}

func (r *ruling) explain(need *abi.Need) *Explanation {
	e := &Explanation{Subject: needText(need), Allowed: true}
	n := numberOf(need.Capability)
	if n < 0 {
		e.add(StepManifest, false, "there is no such capability")
		return e
	}
	whole, plain := isWhole(need), need.Capability != abi.CapAPI || abi.PlainPath(need.Path)
	for i, l := range r.layers {
		step := layerSteps[i]
		if l == nil && step == StepHost && (i == len(r.layers)-1 || r.layers[i+1] != nil) {
			continue // the host has said what it has to say in the other one
		}
		switch {
		case l == nil:
			e.add(step, true, "nothing restricts it")
		case !l.capability(n):
			e.add(step, false, "%s %s", refusing(step), quotedCapability(need.Capability))
		case whole:
			e.add(step, true, "%s %s", allowing(step), quotedCapability(need.Capability))
		case plain && l.permits(n, need):
			e.add(step, true, "%s %s", allowing(step), l.by(n, need))
		default:
			e.add(step, false, "%s", l.why(n, need))
		}
	}
	if b := r.budgets[n]; b.Burst > 0 {
		e.add(StepBudget, true, "%d at once, and %g each second after that", b.Burst, b.Rate)
	} else {
		e.add(StepBudget, true, "nothing restricts it")
	}
	return e
}

// isWhole reports whether a need names nothing but a capability that needs no permission, or any of it.
func isWhole(n *abi.Need) bool { return *n == abi.Need{Capability: n.Capability} }

func quotedCapability(c abi.Capability) string { return fmt.Sprintf("the capability %q", string(c)) }

func allowing(s Step) string {
	return map[Step]string{StepManifest: "it declares", StepGrant: "it was granted", StepUser: "this person may use",
		StepOrganisation: "the organisation allows", StepHost: "the host allows"}[s]
}

func refusing(s Step) string {
	return map[Step]string{StepManifest: "it does not declare", StepGrant: "it was not granted", StepUser: "this person may not use",
		StepOrganisation: "the organisation does not allow", StepHost: "the host does not allow"}[s]
}

// by names what allows a need.
func (l *layer) by(n int, need *abi.Need) string {
	for _, p := range l.allow[n] {
		if p.Allows(need) {
			return p.String() + ofInstance(&p)
		}
	}
	return quotedCapability(need.Capability)
}

func ofInstance(p *abi.Permission) string {
	switch {
	case !p.NeedsInstance():
		return ""
	case p.Instance == "":
		return fmt.Sprintf(" for the one %s that the install is to resolve, and has not", p.Model)
	}
	return fmt.Sprintf(" for the one whose %s is %s", p.Key, quoted(p.Instance))
}

// why says why a layer with the capability does not permit a need.
func (l *layer) why(n int, need *abi.Need) string {
	for _, p := range l.deny[n] {
		if p.Allows(need) {
			return fmt.Sprintf("%s %s: a rule denies it", refusing(l.step), p.String())
		}
	}
	if need.Capability == abi.CapAPI {
		if err := abi.CheckPath(need.Path); err != nil {
			return err.Error() + ": no permission can allow it"
		}
	}
	if len(l.allow[n]) == 0 {
		return fmt.Sprintf("%s any permission of %s", refusing(l.step), quotedCapability(need.Capability))
	}
	const most = 5
	var have []string
	for i := range l.allow[n][:min(most, len(l.allow[n]))] {
		p := &l.allow[n][i]
		have = append(have, p.String()+ofInstance(p))
	}
	if more := len(l.allow[n]) - most; more > 0 {
		have = append(have, fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("%s this: %s only %s", refusing(l.step), allowing(l.step), strings.Join(have, ", "))
}

// The steps that decide whether a contribution appears.
const (
	StepVersion      Step = "version"      // is the plugin for this host?
	StepContribution Step = "contribution" // does the manifest contribute it?
	StepSlot         Step = "slot"         // does the host have such a place?
	StepRequired     Step = "required"     // is there what the plugin cannot do without?
)

// ExplainContribution says why a contribution, named by its slot or its path, appears or not. slots
// are those that the host has, and its components as in "component:acme.map"; routes need none. Where it does not appear for want of what is required, the
// plugin's fallback may stand in its place.
func ExplainContribution(m *abi.Manifest, r *Rights, host *Rules, v Versions, slots []string, name string) (*Explanation, error) {
	if r == nil {
		r = &Rights{}
	}
	ruling, err := newRuling(m, r, host)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Subject: quoted(name), Allowed: true}
	if err := v.check(m); err != nil {
		e.add(StepVersion, false, "%v", err)
	} else {
		e.add(StepVersion, true, "it is for this version")
	}
	i := slices.IndexFunc(m.Contributions, func(c abi.Contribution) bool { return c.Slot == name && name != "" || c.Path == name && name != "" })
	if i < 0 {
		e.add(StepContribution, false, "the manifest contributes nothing of that name%s", has(contributions(m)))
		return e, nil
	}
	c := m.Contributions[i]
	e.add(StepContribution, true, "it is a %s that shows %s", c.Kind, c.Component)
	switch {
	case c.Slot == "":
		e.add(StepSlot, true, "a route needs none")
	case slices.Contains(slots, c.Slot):
		e.add(StepSlot, true, "the host has it")
	default:
		e.add(StepSlot, false, "the host has no slot %s%s", c.Slot, has(slots))
	}
	ruling.required(e, m, slots)
	return e, nil
}

// contributions are the slots and paths at which a manifest wants to appear.
func contributions(m *abi.Manifest) (names []string) {
	for _, c := range m.Contributions {
		names = append(names, c.Slot+c.Path)
	}
	return names
}

// has says which names there are instead of one that there is not.
func has(names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return ", nor any other"
	case len(names) > most:
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
	}
	return ": it has " + strings.Join(names, ", ")
}

// required adds a verdict for showing at all, and for each thing that the plugin cannot do without.
func (r *ruling) required(e *Explanation, m *abi.Manifest, slots []string) {
	for _, name := range append([]string{string(abi.CapUI)}, m.Requires...) {
		slot, isSlot := strings.CutPrefix(name, "slot:")
		n := numberOf(abi.Capability(name))
		step := Step("")
		if n >= 0 {
			step = r.capability(n)
		}
		switch {
		case isSlot:
			e.add(StepRequired, slices.Contains(slots, slot), "it requires the slot %s", slot)
		case strings.HasPrefix(name, abi.RequiresComponent):
			e.add(StepRequired, slices.Contains(slots, name), "it requires the %s", strings.Replace(name, ":", " ", 1))
		case step != "":
			e.add(step, false, "it requires %s: %s this", name, refusing(step))
		default:
			e.add(StepRequired, true, "it has %s", name)
		}
	}
}
