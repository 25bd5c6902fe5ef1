package hostfuncs

import (
	"strconv"
	"strings"
)

// Subject is on whose behalf a plugin acts. It comes from the host, never from anything that the plugin
// says of itself.
type Subject struct {
	Plugin  string   // id of the plugin
	Version string   // of the plugin
	Install string   // id of the install; "" in a host that knows none: the plugin's id stands for it
	Tenant  string   // organisation or project, "" if there are none
	User    string   // id of the person, "" for nobody
	Orgs    []string // organisations that the person belongs to
}

// Key names the install: no two have the same, whatever their ids are.
func (s *Subject) Key() string { return s.space("install") }

// space is the name of a place to keep things in. Each part has its length before it, so that no two
// lists of parts make one name.
func (s *Subject) space(scope string) string {
	parts := []string{scope, s.Tenant, "install", s.Install}
	if s.Install == "" {
		parts[2], parts[3] = "plugin", s.Plugin
	}
	if scope == scopeUser {
		parts = append(parts, s.User)
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return b.String()
}

// The scopes of kept data.
const (
	scopeInstall = "install"
	scopeUser    = "user"
)
