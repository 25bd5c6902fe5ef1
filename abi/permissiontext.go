package abi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ParsePermission reads a permission as String writes it, and nothing else:
//
//	GET /orders/{id}                   one method on a path of the application's own API
//	GET,POST https://api.example.com   methods on a server of the internet; also http://, also a port
//	sse:attendee.updated               a channel of events
//	Attendee:view                      an ability on the instance that the install resolved
//	Attendee:viewAny                   an ability on every instance
//	kv                                 one of PlainPermissions
//
// A reason, secrets and a dependency are not part of the text: a manifest has them.
func ParsePermission(text string) (Permission, error) {
	if verb, rest, ok := strings.Cut(text, " "); ok {
		if strings.HasPrefix(rest, "/") {
			return newAPI(verb, rest)
		}
		return parseNet(verb, rest)
	}
	if channel, ok := strings.CutPrefix(text, "sse:"); ok {
		return newSSE(channel)
	}
	if p, ok := findPlain(text); ok {
		return Permission{Capability: p.capability, Name: p.name}, nil
	}
	return parseModel(text)
}

// String is the text of p, which ParsePermission reads: the one form in which a permission is kept
// and compared.
func (p Permission) String() string {
	switch p.Capability {
	case CapAPI:
		return p.Method + " " + p.Path
	case CapSSE:
		return "sse:" + p.Channel
	case CapHTTP:
		return strings.Join(p.Methods, ",") + " " + p.origin()
	case CapData:
		return p.Model + ":" + p.ability()
	}
	return p.Name
}

func (p *Permission) ability() string {
	if p.Any {
		return p.Ability + "Any"
	}
	return p.Ability
}

// origin is scheme, host and port, which is left out where it is the scheme's own.
func (p *Permission) origin() string {
	scheme, own := "https://", uint16(443)
	if p.Plain {
		scheme, own = "http://", 80
	}
	if p.Port == own {
		return scheme + p.Host
	}
	return scheme + p.Host + ":" + strconv.Itoa(int(p.Port))
}

func newAPI(method, path string) (Permission, error) {
	if err := checkMethod(method); err != nil {
		return Permission{}, err
	}
	if err := CheckPattern(path); err != nil {
		return Permission{}, err
	}
	return Permission{Capability: CapAPI, Method: method, Path: path}, nil
}

func checkMethod(method string) error {
	if !slices.Contains(methods, method) {
		return fmt.Errorf("method %+.20q is not known; known are %s", method, strings.Join(methods, ", "))
	}
	return nil
}

func newSSE(channel string) (Permission, error) {
	if err := CheckChannel(channel); err != nil {
		return Permission{}, err
	}
	return Permission{Capability: CapSSE, Channel: channel}, nil
}

// CheckChannel says what is wrong with the name of a channel of events: nil, or an error. A name is
// parts of letters, digits, '-' and '_', joined by '.', ':' or '/', at most 128 bytes in all.
func CheckChannel(channel string) error {
	joint := true
	for i := range len(channel) {
		c := channel[i]
		separates := c == '.' || c == ':' || c == '/'
		if separates && joint || !separates && !isAlnum(c) && c != '-' && c != '_' {
			joint = true
			break
		}
		joint = separates
	}
	if joint || len(channel) > 128 {
		return fmt.Errorf("channel %+.80q is not a name such as %q", channel, "attendee.updated")
	}
	return nil
}

// parseNet reads methods and an origin.
func parseNet(verbs, origin string) (Permission, error) {
	host, plain := strings.CutPrefix(origin, "http://")
	if !plain {
		var ok bool
		if host, ok = strings.CutPrefix(origin, "https://"); !ok {
			return Permission{}, fmt.Errorf("%+.80q is neither a path of the application nor an address with https://", origin)
		}
	}
	p, err := newNet(host, plain)
	if err != nil {
		return Permission{}, err
	}
	if p.Methods, err = parseMethods(strings.Split(verbs, ",")); err != nil {
		return Permission{}, err
	}
	if got := p.String(); got != verbs+" "+origin {
		return Permission{}, fmt.Errorf("write it as %q", got)
	}
	return p, nil
}

// newNet reads a host, with a port or without.
func newNet(host string, plain bool) (Permission, error) {
	p := Permission{Capability: CapHTTP, Plain: plain, Port: 443}
	if plain {
		p.Port = 80
	}
	name, port, ok := strings.Cut(host, ":")
	if ok {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || port[0] == '0' || port[0] == '+' {
			return Permission{}, fmt.Errorf("port %+.20q is not a number from 1 to 65535", port)
		}
		p.Port = uint16(n)
	}
	p.Host = name
	return p, CheckHost(name)
}

// parseMethods reads a list of distinct methods, and sorts it as Methods does.
func parseMethods(list []string) ([]string, error) {
	for i, m := range list {
		if err := checkMethod(m); err != nil {
			return nil, err
		}
		if slices.Contains(list[:i], m) {
			return nil, fmt.Errorf("method %q is there twice", m)
		}
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b string) int { return slices.Index(methods, a) - slices.Index(methods, b) })
	return list, nil
}

// CheckHost says what is wrong with the name of a server on the internet: nil, or an error. It is a
// name of two labels or more as RFC 1123 section 2.1 has it, in lower case, international ones in
// their xn-- form, without a trailing dot. An address of digits is none, in whatever spelling: a
// permission names who is asked. Nor is a pattern: each server is named.
func CheckHost(host string) error {
	labels := strings.Split(host, ".")
	ok := len(host) <= 253 && len(labels) > 1
	for _, label := range labels {
		ok = ok && isLabel(label)
	}
	// What ends in a number is an IPv4 address for some reader (URL standard, "ends in a number").
	if last := labels[len(labels)-1]; !ok || last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("host %+.80q is not the name of a server such as %q", host, "api.example.com")
	}
	return nil
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// parseModel reads Model:ability and Model:abilityAny.
func parseModel(text string) (Permission, error) {
	model, ability, ok := strings.Cut(text, ":")
	base, every := strings.CutSuffix(ability, "Any")
	switch {
	case !ok || !isIdentifier(model) || model[0] < 'A' || model[0] > 'Z' || !isIdentifier(base) || base[0] < 'a' || base[0] > 'z':
		return Permission{}, fmt.Errorf("there is no permission %+.80q; a permission on data is written as in %q", text, "Attendee:view")
	case saysAny(ability):
		return Permission{}, fmt.Errorf("permission %+.80q: the suffix for every instance is written %q", text, "Any")
	case every && base == abilityCreate:
		return Permission{}, fmt.Errorf("what is created is not there yet: write %q", model+":create")
	}
	return Permission{Capability: CapData, Model: model, Ability: base, Any: every}, nil
}

// saysAny reports whether one of the usual abilities has a suffix that looks like Any and is not: it would be another ability
// than was meant, and denied in vain.
func saysAny(ability string) bool {
	for _, a := range [...]string{"view", "update", "delete", abilityCreate} {
		rest, ok := strings.CutPrefix(ability, a)
		if !ok || rest == "Any" {
			continue
		}
		rest = strings.TrimLeft(rest, "_")
		return strings.EqualFold(rest, "Any") || strings.EqualFold(strings.TrimSuffix(rest, "Any"), "Any")
	}
	return false
}
