package abi

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Contribution is a place where a plugin wants to appear.
type Contribution struct {
	Kind      string // "route", "widget", "tile" or "theme"
	Path      string // of a route: a pattern, see CheckPattern
	Slot      string // of all others, such as "toolbar"
	Component string // what the plugin is to show there, by its own name
}

// Dependency is something of the host's data that an install resolves to one instance, such as
// {"attendee_profile": 123}.
type Dependency struct {
	Identifier  string
	Model       string            // such as "Attendee"
	Key         string            // the field that tells instances apart, such as "id"
	Permissions []Permission      // of this model
	Events      map[string]string // names of the plugin's own to channels, such as onUpdate to attendee.updated
}

// Callback is a function of the host that a plugin may call, as it would a prop of React.
type Callback struct {
	Name   string
	Input  *Schema // what the plugin hands over
	Output *Schema // what it gets back
}

// Sentence is the rest of "This plugin may ...".
func (c *Callback) Sentence() string {
	return "call " + c.Name + ", a function of this page that its host provides"
}

// Fallback is what stands where a plugin cannot be shown.
type Fallback struct {
	Text string
	Href string // https, or ""
}

// Icon is a picture of the plugin, among its assets.
type Icon struct {
	File string
	Size int // pixels of a side
}

// Text is the name and the description of a plugin in another language.
type Text struct {
	Lang              string // BCP 47
	Name, Description string
}

// Bounds of lists in a manifest.
const (
	maxContributions = 64
	maxDependencies  = 32
	maxCallbacks     = 64
	maxTexts         = 64
	maxIcons         = 16
	maxComponents    = 64
)

func (p *manifestParser) contributions(m *Manifest) {
	of := func(kind, where string) func() {
		return func() { p.json.array(func() { p.contribution(m, kind, where) }) }
	}
	p.json.object("contributions", []jsonField{
		{"routes", false, of("route", "path")},
		{"widgets", false, of("widget", "slot")},
		{"tiles", false, of("tile", "slot")},
		{"themes", false, of("theme", "slot")},
	})
}

func (p *manifestParser) contribution(m *Manifest, kind, where string) {
	c := Contribution{Kind: kind}
	at := p.json.mark()
	p.json.object(kind, []jsonField{
		{where, true, func() {
			if where == "path" {
				c.Path = p.pattern()
				return
			}
			c.Slot = p.formed("slot", 64, idForm, `lower case letters, digits, "-" and "."`)
		}},
		{"component", true, func() { c.Component = p.identifier("component") }},
	})
	same := func(o Contribution) bool { return o.Kind == c.Kind && o.Path == c.Path && o.Slot == c.Slot }
	switch {
	case slices.ContainsFunc(m.Contributions, same):
		p.json.failAt(at, fmt.Sprintf("two of the kind %s at %+.80q", kind, c.Path+c.Slot), "remove one")
	case len(m.Contributions) == maxContributions:
		p.json.failAt(at, fmt.Sprintf("more than %d contributions", maxContributions), "")
	}
	m.Contributions = append(m.Contributions, c)
}

func (p *manifestParser) pattern() string {
	at := p.json.mark()
	s := p.json.string()
	if err := CheckPattern(s); err != nil {
		p.json.failAt(at, err.Error(), "")
	}
	return s
}

func (p *manifestParser) identifier(what string) string {
	at := p.json.mark()
	s := p.json.string()
	if !isIdentifier(s) {
		p.json.failAt(at, fmt.Sprintf("%s %+.40q is not a plain name", what, s), "use letters, digits and underscores, a letter first")
	}
	return s
}

func (p *manifestParser) dependencies(m *Manifest) {
	p.json.array(func() {
		at := p.json.mark()
		d := Dependency{Events: map[string]string{}}
		p.json.object("dependency", []jsonField{
			{"identifier", true, func() { d.Identifier = p.identifier("identifier") }},
			{"model", true, func() { d.Model = p.identifier("model") }},
			{"key", true, func() { d.Key = p.identifier("key") }},
			{"permissions", true, func() { p.json.array(func() { d.Permissions = append(d.Permissions, p.text(parseModel)()) }) }},
			{"events", false, func() {
				p.json.entries("events", 32, func(name string, _ int) { d.Events[name] = p.text(newSSE)().Channel })
			}},
		})
		switch {
		case slices.ContainsFunc(m.Dependencies, func(o Dependency) bool { return o.Identifier == d.Identifier }):
			p.json.failAt(at, fmt.Sprintf("dependency %q is there twice", d.Identifier), "remove one")
		case len(m.Dependencies) == maxDependencies:
			p.json.failAt(at, fmt.Sprintf("more than %d dependencies", maxDependencies), "")
		}
		p.depend(m, &d, at)
		m.Dependencies = append(m.Dependencies, d)
	})
}

// depend adds what a dependency declares to the permissions.
func (p *manifestParser) depend(m *Manifest, d *Dependency, at int) {
	for i := range d.Permissions {
		perm := &d.Permissions[i]
		if perm.Model != d.Model {
			p.json.failAt(at, fmt.Sprintf("permission %q is not about %s", perm.String(), d.Model), "put it into a dependency of its own model")
		}
		perm.Dependency = d.Identifier
		if perm.NeedsInstance() {
			perm.Key = d.Key
		}
		p.declare(m, func() Permission { return *perm })
	}
	channels := make([]string, 0, len(d.Events))
	for _, channel := range d.Events {
		channels = append(channels, channel)
	}
	slices.Sort(channels)
	for _, channel := range slices.Compact(channels) {
		p.declare(m, func() Permission {
			return Permission{Capability: CapSSE, Channel: channel, Model: d.Model, Dependency: d.Identifier, Key: d.Key}
		})
	}
}

func (p *manifestParser) callbacks(m *Manifest) {
	p.json.entries("callbacks", maxCallbacks, func(name string, _ int) {
		c := Callback{Name: name}
		p.json.object("callback", []jsonField{
			{"input", true, func() { c.Input = p.schema("input", false) }},
			{"output", true, func() { c.Output = p.schema("output", false) }},
		})
		m.Callbacks = append(m.Callbacks, c)
	})
}

func (p *manifestParser) components(m *Manifest) {
	p.json.array(func() {
		at := p.json.mark()
		name := p.formed("component", 64, idForm, `lower case letters, digits, "-" and "."`)
		switch {
		case slices.Contains(m.Components, name):
			p.json.failAt(at, fmt.Sprintf("component %q is there twice", name), "remove one")
		case len(m.Components) == maxComponents:
			p.json.failAt(at, fmt.Sprintf("more than %d components", maxComponents), "")
		}
		m.Components = append(m.Components, name)
	})
}

func (p *manifestParser) requires(m *Manifest) {
	p.json.array(func() {
		at := p.json.mark()
		name := p.json.string()
		if slices.Contains(m.Requires, name) || len(m.Requires) == maxContributions {
			p.json.failAt(at, fmt.Sprintf("%+.40q is required twice", name), "remove one")
		}
		m.Requires = append(m.Requires, name)
	})
}

func (p *manifestParser) fallback(m *Manifest) {
	m.Fallback = new(Fallback)
	p.json.object("fallback", []jsonField{
		{"text", true, func() { m.Fallback.Text = p.line("fallback text", 300) }},
		{"href", false, func() {
			at := p.json.mark()
			m.Fallback.Href = p.json.string()
			if !isWebAddress(m.Fallback.Href) {
				p.json.failAt(at, fmt.Sprintf("href %+.80q is not an address with https://", m.Fallback.Href), "")
			}
		}},
	})
}

func isWebAddress(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxFormatted && strings.HasPrefix(s, "https://") && u.User == nil && u.Port() == "" && CheckHost(u.Host) == nil
}

func (p *manifestParser) icons(m *Manifest) {
	p.json.array(func() {
		at := p.json.mark()
		var icon Icon
		p.json.object("icon", []jsonField{
			{"file", true, func() { icon.File = p.fileName("icon") }},
			{"size", true, func() { icon.Size = int(p.wish("size", 1024)) }},
		})
		if slices.ContainsFunc(m.Icons, func(o Icon) bool { return o.Size == icon.Size }) || len(m.Icons) == maxIcons {
			p.json.failAt(at, fmt.Sprintf("two icons of %d pixels", icon.Size), "remove one")
		}
		m.Icons = append(m.Icons, icon)
	})
}

// langForm is a part of BCP 47: language, script, region.
const langForm = `^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`

func (p *manifestParser) texts(m *Manifest) {
	seen := map[string]bool{}
	p.json.list('{', '}', "an object", func() {
		at := p.json.mark()
		t := Text{Lang: p.json.string()}
		if !regexp.MustCompile(langForm).MatchString(t.Lang) {
			p.json.failAt(at, fmt.Sprintf("%+.20q is not the tag of a language", t.Lang), `write it as in "de" or "pt-BR"`)
		}
		if seen[t.Lang] || len(seen) == maxTexts {
			p.json.failAt(at, fmt.Sprintf("texts for %q are there twice, or for more than %d languages", t.Lang, maxTexts), "remove one")
		}
		seen[t.Lang] = true
		p.json.expect(':', "a colon")
		p.json.object("text", []jsonField{
			{"name", true, func() { t.Name = p.line("name", 80) }},
			{"description", false, func() { t.Description = p.line("description", 300) }},
		})
		m.Texts = append(m.Texts, t)
	})
	slices.SortFunc(m.Texts, func(a, b Text) int { return cmp.Compare(a.Lang, b.Lang) })
}
