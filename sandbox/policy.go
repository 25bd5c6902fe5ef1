package sandbox

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// ErrGrant is matched by the error that says that a grant cannot be given: there is no such
// capability, or no host of this version offers it.
var ErrGrant = errors.New("cannot be granted")

// checkGrants refuses grants that would promise what is not there.
func checkGrants(grants []abi.Capability) error {
	for _, c := range grants {
		switch {
		case !c.Known():
			return fmt.Errorf("capability %.40q %w: there is none of that name", string(c), ErrGrant)
		case !hostfuncs.Offered(c):
			return fmt.Errorf("capability %q %w: this version does not offer it", string(c), ErrGrant)
		}
	}
	return nil
}

// gate is the policy of one sandbox: what the manifest declares and the grant allows. It answers
// the instance's goroutine and is read by others.
type gate struct {
	allowed  map[abi.Capability]bool             // fixed
	declared map[abi.Capability][]abi.Permission // fixed, as is granted
	granted  map[abi.Capability][]abi.Permission
	logger   *slog.Logger

	mu     sync.Mutex
	denied map[abi.Capability]uint64
	silent uint64 // denials since the last line of log
	logged time.Time
}

var _ hostfuncs.Gate = (*gate)(nil)

func newGate(m *abi.Manifest, grants []abi.Capability, permissions []abi.Permission, logger *slog.Logger) *gate {
	g := &gate{allowed: map[abi.Capability]bool{}, denied: map[abi.Capability]uint64{}, logger: logger}
	g.declared, g.granted = byCapability(m.Permissions), byCapability(permissions)
	for _, c := range grants {
		g.allowed[c] = m.Declares(c)
	}
	return g
}

// Check implements hostfuncs.Gate.
func (g *gate) Check(c abi.Capability) abi.Code {
	if g.allowed[c] {
		return abi.CodeOK
	}
	g.deny(c)
	return abi.CodeDenied
}

func byCapability(list []abi.Permission) map[abi.Capability][]abi.Permission {
	out := map[abi.Capability][]abi.Permission{}
	for _, p := range list {
		out[p.Capability] = append(out[p.Capability], p)
	}
	return out
}

// Permit implements hostfuncs.Gate: what the call needs must be declared and granted.
func (g *gate) Permit(n *abi.Need) abi.Code {
	if g.allowed[n.Capability] && allows(g.declared[n.Capability], n) && allows(g.granted[n.Capability], n) {
		return abi.CodeOK
	}
	g.deny(n.Capability)
	return abi.CodeDenied
}

func allows(list []abi.Permission, n *abi.Need) bool {
	for i := range list {
		if list[i].Allows(n) {
			return true
		}
	}
	return false
}

// deny counts a denial and writes at most one line a second.
func (g *gate) deny(c abi.Capability) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.denied[c]++
	g.silent++
	if now := time.Now(); now.Sub(g.logged) >= time.Second {
		g.logger.Warn("sandbox: denied", "capability", string(c), "times", g.silent)
		g.logged, g.silent = now, 0
	}
}

func (g *gate) counts() map[abi.Capability]uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.denied)
}
