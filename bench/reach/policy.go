package reach

import (
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/sandbox"
)

// decide asks what is allowed, without a plugin: manifest, grant, person, organisation and host have several
// entries each, and what is asked for is the last of them.
func decide(r *bench.Run) error {
	box, err := newBox(nil, "api.example.com")
	if err != nil {
		return err
	}
	defer box.close()
	rules := func() *sandbox.Rules {
		return &sandbox.Rules{
			Allow: []string{"clock", "sse:orders", "user:id", "GET /customers/*", "GET /orders/{id}", "GET https://api.example.org", "GET http://api.example.com"},
			Deny:  []string{"random", "POST /orders", "user:orgs", "GET /orders/internal"},
		}
	}
	if err := box.plugin.SetRules(rules()); err != nil {
		return err
	}
	m := box.plugin.Manifest()
	if err := box.SetRights(sandbox.Rights{Grants: m.Capabilities, Permissions: m.Permissions, User: rules(), Org: rules()}); err != nil {
		return err
	}
	calls := callsOf(r)
	for _, f := range []struct {
		variant string
		need    abi.Need
	}{
		{"user", abi.Need{Capability: abi.CapUser, Name: "user:id"}},
		{"api", abi.Need{Capability: abi.CapAPI, Method: "GET", Path: "/orders/1234567"}},
		{"http", abi.Need{Capability: abi.CapHTTP, Method: "GET", Host: "api.example.com", Port: 80, Plain: true}},
	} {
		var took []float64
		if code := box.Permit(&f.need); code != abi.CodeOK {
			return fmt.Errorf("%s: %v", f.variant, code)
		}
		if err := r.Verify(bench.Ours, f.variant+" decision", done, done); err != nil {
			return err
		}
		for range r.RoundsOf() {
			began := time.Now()
			for range calls {
				if code := box.Permit(&f.need); code != abi.CodeOK {
					return fmt.Errorf("%s: %v", f.variant, code)
				}
			}
			took = append(took, float64(time.Since(began))/float64(calls))
		}
		r.Samples(bench.Ours, f.variant+" decision", "allowed", "ns", took)
	}
	return nil
}
