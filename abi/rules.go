package abi

import (
	"errors"
	"fmt"
)

// Rules are one layer of policy, as data: of a host, an organisation or a person. A nil *Rules does not
// restrict; an empty one allows nothing. Layers only ever take away: what the manifest does not declare
// or nobody granted, no rule can give.
//
// An entry is a capability ("http"), which means all of it, or a permission ("GET /orders/*"), which
// means what it covers; to deny an ability on one instance is to deny it on all. Deny goes before Allow.
//
//	{"allow": ["ui", "props", "GET /orders/*"], "deny": ["GET /orders/internal/*"],
//	 "budgets": {"api": {"burst": 20, "rate": 5}}, "limits": {"wallTimeMs": 500}}
type Rules struct {
	Allow   []string              `json:"allow"`
	Deny    []string              `json:"deny,omitempty"`
	Budgets map[Capability]Budget `json:"budgets,omitempty"`
	Limits  Ceiling               `json:"limits,omitzero"`
}

// Budget bounds how often a sandbox is allowed something: Burst times at once, Rate times a second
// after that. Each question counts: a redirect, an event and a piece of a streamed answer are asked for anew. The answer of
// what was let begin is not.
type Budget struct {
	Burst int     `json:"burst"`
	Rate  float64 `json:"rate"`
}

// Ceiling is the most that limits may be, as data: of a call, of all calls in a second, and of memory. A zero field does not bound.
// Of several the smallest counts, and none makes a limit wider than the plugin's policy has it. It holds for
// an instance from its start: a plugin that runs keeps its limits until it is started again.
type Ceiling struct {
	Fuel       uint64 `json:"fuel,omitempty"`
	FuelRate   uint64 `json:"fuelPerSecond,omitempty"`
	WallTimeMS uint64 `json:"wallTimeMs,omitempty"`
	HostCalls  uint64 `json:"hostCalls,omitempty"`
	Memory     uint64 `json:"memoryBytes,omitempty"`
	Output     uint64 `json:"outputBytes,omitempty"`
}

// maxWallTimeMS is an hour, as in a manifest.
const maxWallTimeMS = 3_600_000

// Check says what is wrong with the rules: nil, or an error that names the entry.
func (r *Rules) Check() error {
	if r == nil {
		return nil
	}
	var errs []error
	for _, list := range [][]string{r.Allow, r.Deny} {
		for _, entry := range list {
			errs = append(errs, checkEntry(entry))
		}
	}
	return errors.Join(append(errs, CheckBudgets(r.Budgets), r.Limits.Check())...)
}

// checkEntry accepts a capability or a permission.
func checkEntry(entry string) error {
	if Capability(entry).Known() {
		return nil
	}
	if _, err := ParsePermission(entry); err != nil {
		return fmt.Errorf("rule[%+.80q]: %w", entry, err)
	}
	return nil
}

// CheckBudgets says what is wrong with budgets: nil, or an error that names the capability.
func CheckBudgets(budgets map[Capability]Budget) error {
	for c, b := range budgets {
		if !c.Known() || b.Burst < 1 || !(b.Rate >= 0) {
			return fmt.Errorf("budget[%+.80q]: a burst of at least 1 and a rate of at least 0 for a capability", string(c))
		}
	}
	return nil
}

// Check says what is wrong with the ceiling.
func (c *Ceiling) Check() error {
	if c.WallTimeMS > maxWallTimeMS {
		return fmt.Errorf("limits: a wall time of %d ms, at most %d can be said", c.WallTimeMS, maxWallTimeMS)
	}
	return nil
}
