package abi

import (
	"fmt"
	"math"
	"slices"
)

// PolicyVersion is the apiVersion of a policy that this package reads.
const PolicyVersion = "v1"

// Policy is what a host allows, as a file of data: the layers between what plugins declare and what they may
// do. What is left out does not restrict, and no layer gives what another has refused.
//
//	{
//	  "apiVersion": "v1",
//	  "host": {"allow": ["ui", "props", "kv", "GET https://weather.example"], "limits": {"wallTimeMs": 2000}},
//	  "organisations": {"acme": {"allow": ["ui", "props", "kv"], "budgets": {"kv": {"burst": 100, "rate": 10}}}},
//	  "installs": {"weatherboard": {"organisation": "acme", "grants": ["ui", "kv"]}}
//	}
//
// POLICY.md describes each key; policy.schema.json is the same for editors.
type Policy struct {
	APIVersion    string
	Host          *Rules                    // for every plugin; nil does not restrict
	User          *Rules                    // what a person may; likewise
	Organisations map[string]*Rules         // by name; none is nil
	Installs      map[string]*InstallPolicy // by the name of the place; none is nil
}

// InstallPolicy is what one install is given.
type InstallPolicy struct {
	Organisation string            // one of Organisations, or "": none restricts it
	Grants       []string          // capabilities, each with all that the manifest declares of it, and permissions; nil if the file does not say
	Resolve      map[string]string // what each dependency of the manifest is, by its identifier
	Budgets      map[Capability]Budget
	Limits       Ceiling
}

// Rules are those of the organisation of an install, and what it is given itself; nil is what the policy does not say.
func (p *Policy) Rules(install string) (org *Rules, given *InstallPolicy) {
	if given = p.Installs[install]; given != nil && given.Organisation != "" {
		org = p.Organisations[given.Organisation]
	}
	return org, given
}

// Bounds of a policy.
const (
	MaxPolicy   = 1 << 20 // bytes
	maxInstalls = 4096    // likewise organisations
	maxEntries  = 1024    // of one list
)

// ParsePolicy reads a policy as strictly as ParseManifest reads a manifest: an unknown or doubled key, one in different
// case, trailing data, invalid UTF-8, an entry that is no right or a value out of range is a *ManifestError with its
// place, whose File is for the caller to set. At most MaxPolicy bytes are read.
func ParsePolicy(b []byte) (*Policy, error) {
	p := &policyParser{json: jsonReader{buf: b}, out: &Policy{}}
	p.policy()
	if p.json.err != nil {
		p.json.err.File = "policy"
		return nil, p.json.err
	}
	return p.out, nil
}

type policyParser struct {
	json  jsonReader
	out   *Policy
	named []namedOrganisation // by installs
}

// namedOrganisation is to be looked for when all of them have been read.
type namedOrganisation struct {
	name string
	at   int
}

func (p *policyParser) policy() {
	p.json.begin(MaxPolicy)
	p.json.object("the policy", []jsonField{
		{"$schema", false, func() { p.json.string() }},
		{"apiVersion", true, p.version},
		{"host", false, func() { p.out.Host = p.rules() }},
		{"user", false, func() { p.out.User = p.rules() }},
		{"organisations", false, func() {
			p.out.Organisations = map[string]*Rules{}
			p.names("organisations", func(name string) { p.out.Organisations[name] = p.rules() })
		}},
		{"installs", false, func() {
			p.out.Installs = map[string]*InstallPolicy{}
			p.names("installs", func(name string) { p.out.Installs[name] = p.install() })
		}},
	})
	p.json.finish()
	for _, o := range p.named {
		if p.out.Organisations[o.name] == nil {
			p.json.failAt(o.at, fmt.Sprintf("organisation %q is not among the organisations", o.name), "add it there; one that restricts nothing is left out here")
		}
	}
}

func (p *policyParser) version() {
	at := p.json.mark()
	if p.out.APIVersion = p.json.string(); p.out.APIVersion != PolicyVersion {
		p.json.failAt(at, fmt.Sprintf("apiVersion %+.40q", p.out.APIVersion), fmt.Sprintf("this program reads %q", PolicyVersion))
	}
}

// rules reads one layer. Its allow has to be there: to leave it out could mean all or nothing.
func (p *policyParser) rules() *Rules {
	r := &Rules{}
	p.json.object("the rules", []jsonField{
		{"allow", true, func() { r.Allow = p.entries("allow") }},
		{"deny", false, func() { r.Deny = p.entries("deny") }},
		{"budgets", false, func() { r.Budgets = p.budgets() }},
		{"limits", false, func() { r.Limits = p.limits() }},
	})
	return r
}

func (p *policyParser) install() *InstallPolicy {
	i := &InstallPolicy{}
	p.json.object("the install", []jsonField{
		{"organisation", false, func() {
			at := p.json.mark()
			i.Organisation = p.json.string()
			p.named = append(p.named, namedOrganisation{i.Organisation, at})
		}},
		{"grants", false, func() { i.Grants = p.entries("grants") }},
		{"resolve", false, func() { i.Resolve = p.resolve() }},
		{"budgets", false, func() { i.Budgets = p.budgets() }},
		{"limits", false, func() { i.Limits = p.limits() }},
	})
	return i
}

// entries reads capabilities and permissions as texts.
func (p *policyParser) entries(what string) []string {
	list := []string{}
	p.json.array(func() {
		at := p.json.mark()
		entry := p.json.string()
		if p.json.err != nil {
			return
		}
		switch err := checkEntry(entry); {
		case err != nil:
			p.json.failAt(at, err.Error(), `a capability such as "http", or a permission such as "GET /orders/*"`)
		case slices.Contains(list, entry):
			p.json.failAt(at, fmt.Sprintf("%+.80q is there twice", entry), "remove one")
		case len(list) == maxEntries:
			p.json.failAt(at, fmt.Sprintf("%s has more than %d entries", what, maxEntries), "")
		}
		list = append(list, entry)
	})
	return list
}

// names reads an object whose keys are names of places or organisations.
func (p *policyParser) names(what string, item func(name string)) {
	seen := map[string]bool{}
	p.json.list('{', '}', "an object", func() {
		at := p.json.mark()
		name := p.json.string()
		switch {
		case p.json.err != nil:
			return
		case !isPlaceName(name):
			p.json.failAt(at, fmt.Sprintf("%s has a key %+.40q, which is not the name of one", what, name), `use lower case letters, digits, "-", "_" and ".", at most 64, a letter or a digit first`)
			return
		case seen[name]:
			p.json.failAt(at, fmt.Sprintf("key %q is there twice", name), "remove one")
			return
		case len(seen) == maxInstalls:
			p.json.failAt(at, fmt.Sprintf("%s has more than %d keys", what, maxInstalls), "")
			return
		}
		seen[name] = true
		p.json.expect(':', "a colon")
		item(name)
	})
}

// isPlaceName is the form of a place's name in package host.
func isPlaceName(s string) bool {
	for i := range len(s) {
		c := s[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !plain && (i == 0 || c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func (p *policyParser) resolve() map[string]string {
	out := map[string]string{}
	p.json.entries("resolve", maxDependencies, func(name string, at int) {
		if out[name] = p.json.string(); out[name] == "" || len(out[name]) > maxInstance {
			p.json.failAt(at, fmt.Sprintf("what %q is resolved to is empty or longer than %d bytes", name, maxInstance), "")
		}
	})
	return out
}

// maxInstance is how long what tells instances apart may be, in bytes.
const maxInstance = 256

func (p *policyParser) budgets() map[Capability]Budget {
	out := map[Capability]Budget{}
	fields := []jsonField{}
	for _, c := range Capabilities() {
		fields = append(fields, jsonField{string(c), false, func() { out[c] = p.budget() }})
	}
	p.json.object("budgets", fields)
	return out
}

func (p *policyParser) budget() (b Budget) {
	p.json.object("the budget", []jsonField{
		{"burst", true, func() { b.Burst = int(p.least("burst", 1<<31-1)) }},
		{"rate", true, func() {
			at := p.json.mark()
			switch n := p.json.number().(type) {
			case int64:
				b.Rate = float64(n)
			case float64:
				b.Rate = n
			}
			if !(b.Rate >= 0) || b.Rate > math.MaxInt32 {
				p.json.failAt(at, fmt.Sprintf("rate is not a number from 0 to %d", math.MaxInt32), "how many a second come back")
			}
		}},
	})
	return b
}

func (p *policyParser) limits() (c Ceiling) {
	of := func(name string, field *uint64, most int64) jsonField {
		return jsonField{name, false, func() { *field = uint64(p.least(name, most)) }}
	}
	p.json.object("limits", []jsonField{
		of("fuel", &c.Fuel, MaxInteger), of("fuelPerSecond", &c.FuelRate, MaxInteger), of("wallTimeMs", &c.WallTimeMS, maxWallTimeMS), of("hostCalls", &c.HostCalls, MaxInteger),
		of("memoryBytes", &c.Memory, MaxInteger), of("outputBytes", &c.Output, MaxInteger),
	})
	return c
}

// least reads an integer from 1: a limit of nothing is what a key that is left out would mean to somebody.
func (p *policyParser) least(what string, most int64) int64 {
	at := p.json.mark()
	n := p.json.size(what, most)
	if n == 0 {
		p.json.failAt(at, what+" is not above 0", "leave it out, or deny the capability")
	}
	return n
}
