package abi

import "slices"

// Permission is a capability with its scope: one sentence on the page where somebody consents. A
// manifest declares it, a grant allows it. Capability says which of the fields have a meaning:
//
//	CapAPI      Method, Path                           "GET /orders/{id}"
//	CapSSE      Channel; of one instance: Key          "sse:attendee.updated"
//	CapHTTP     Host, Port, Plain, Methods, Secrets    "GET,POST https://api.example.com"
//	CapData     Model, Ability, Any or Dependency      "Attendee:viewAny", "Attendee:view"
//	all others  Name                                   "kv", "user:id"
//
// ParsePermission and String translate; Sentence says it to a person.
type Permission struct {
	Capability Capability

	Name string // one of PlainPermissions

	Method string // one of Methods
	Path   string // a pattern, see CheckPattern

	Channel string // see CheckChannel

	Host    string   // see CheckHost
	Port    uint16   // never 0: 443 unless the manifest names another
	Plain   bool     // http instead of https
	Methods []string // of Methods, at least one
	Reason  string   // the author's words, for people
	Secrets []string // settings that requests to this host may carry, sorted

	Model   string // such as "Attendee"
	Ability string // such as "view", without the suffix Any; none is part of another, "update" is not to read
	Any     bool   // on every instance, not only on the one that an install resolved

	// What ties a permission of CapData or CapSSE to one instance. Dependency and Key come from the
	// manifest, Instance from the install (Bind); while it is empty, nothing is allowed.
	Dependency, Key, Instance string
}

// Need is what one call needs: the fields that a Permission of the same capability has, each with one
// value. A host function fills it from arguments that it has checked and asks its gate.
type Need struct {
	Capability Capability
	// Optional says that not having it is no denial: what is asked is only how finely to answer.
	Optional bool

	Name string // of a plain permission; "" is that of the capability's own name, such as "kv"

	Method string // CapAPI, CapHTTP: in upper case as it is sent
	Path   string // CapAPI: the escaped path exactly as it will be forwarded, without a query

	Channel string // CapSSE

	Host   string // CapHTTP: in lower case, without port and trailing dot
	Port   uint16 // CapHTTP: the port that is dialled
	Plain  bool   // CapHTTP: http instead of https
	Secret string // CapHTTP: a setting that the request is to carry, or ""

	Model   string // CapData
	Ability string // CapData: without the suffix Any

	// Which instance is meant: the field that tells instances apart and its value, as text. An empty
	// Instance means all of them, as a list does.
	Key, Instance string
}

// String is what is needed, as a capability or as the text of a permission, with the instance that is meant: for people
// and for records. What a plugin chose is in it as it is: quote it where it is shown.
func (n *Need) String() string {
	if *n == (Need{Capability: n.Capability, Optional: n.Optional}) {
		return string(n.Capability)
	}
	p := Permission{
		Capability: n.Capability, Name: n.Name, Method: n.Method, Path: n.Path, Channel: n.Channel,
		Host: n.Host, Port: n.Port, Plain: n.Plain, Methods: []string{n.Method}, Model: n.Model, Ability: n.Ability,
		Any: n.Instance == "" && n.Ability != abilityCreate, // a list of all is not one of them
	}
	if p.Name == "" {
		p.Name = string(n.Capability)
	}
	s := p.String()
	if n.Instance != "" {
		s += " " + n.Key + "=" + n.Instance
	}
	if n.Secret != "" {
		s += " with " + n.Secret
	}
	return s
}

// The HTTP methods that a permission can name. HEAD is not part of GET.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// Methods returns the HTTP methods that a permission can name, as they are written.
func Methods() []string { return slices.Clone(methods) }

// NeedsPermission reports whether having c is not enough: each call also needs a Permission.
func (c Capability) NeedsPermission() bool {
	switch c {
	case CapAPI, CapSSE, CapHTTP, CapData, CapAuthz, CapKV, CapJobs, CapUser:
		return true
	}
	return false
}

// abilityCreate is the one ability that has no instance yet.
const abilityCreate = "create"

// Allows reports whether p covers n. It allocates nothing. What is malformed, such as a path that two
// servers could read in two ways, is covered by nothing.
func (p *Permission) Allows(n *Need) bool {
	return p.AllowsPlain(n) && (n.Capability != CapAPI || PlainPath(n.Path))
}

// AllowsPlain is Allows for a need whose path, if it has one, PlainPath accepts: who asks many permissions looks at the
// path once.
func (p *Permission) AllowsPlain(n *Need) bool {
	if p.Capability != n.Capability {
		return false
	}
	switch p.Capability {
	case CapAPI:
		return p.Method == n.Method && p.Path != "" && n.Path != "" && matchSegments(p.Path, n.Path)
	case CapSSE:
		return p.Channel == n.Channel && n.Channel != "" && (p.Key == "" || p.allowsInstance(n))
	case CapHTTP:
		return p.allowsRequest(n)
	case CapData:
		return p.Model == n.Model && p.Ability == n.Ability && n.Model != "" && (p.Any || p.Ability == abilityCreate || p.allowsInstance(n))
	}
	if n.Name == "" {
		return p.Name == string(n.Capability)
	}
	return p.Name == n.Name
}

func (p *Permission) allowsInstance(n *Need) bool {
	return p.Instance != "" && p.Instance == n.Instance && p.Key == n.Key
}

func (p *Permission) allowsRequest(n *Need) bool {
	return p.Host == n.Host && n.Host != "" && p.Port == n.Port && p.Plain == n.Plain && slices.Contains(p.Methods, n.Method) &&
		(n.Secret == "" || slices.Contains(p.Secrets, n.Secret))
}

// NeedsInstance reports whether p means the one instance that an install resolves for its dependency.
func (p *Permission) NeedsInstance() bool {
	return p.Capability == CapData && !p.Any && p.Ability != abilityCreate || p.Capability == CapSSE && p.Key != ""
}

// Bind returns p for the instance that an install has resolved.
func (p Permission) Bind(instance string) Permission {
	if p.NeedsInstance() {
		p.Instance = instance
	}
	return p
}
