package abi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ManifestName is the name of the manifest in a plugin's folder or package.
const ManifestName = "vitrine.json"

// ManifestVersion is the apiVersion that this package reads.
const ManifestVersion = "v1"

// Manifest is what a plugin says of itself, in vitrine.json. What is left out is nothing: no key has a
// default that guesses. A key that another one makes necessary is missed with a hint. A small one:
//
//	{
//	  "apiVersion": "v1",
//	  "id": "fractal",
//	  "name": "Fractal explorer",
//	  "version": "0.1.0",
//	  "description": "Mandelbrot and Julia sets, drawn in the plugin.",
//	  "runtime": {"wasm": "plugin.wasm"},
//	  "capabilities": ["props", "ui"],
//	  "assets": ["logo.png"]
//	}
//
// MANIFEST.md describes each key; manifest.schema.json is the same for editors.
type Manifest struct {
	APIVersion     string
	ID             string         // lower case letters, digits, '-' and '.', 1 to 64
	Name           string         // for people, 1 to 80 characters, all of which can be seen
	Version        string         // strict semantic version
	Description    string         // optional, for people, up to 300 characters
	MinHostVersion string         // optional: the oldest version of the host application
	Engine         string         // optional: a range of versions of Vitrine, see InRange
	Runtime        Runtime        //
	Contributions  []Contribution // optional: where the plugin wants to appear
	Capabilities   []Capability   // what the plugin asks for; may be empty
	Permissions    []Permission   // with what scope: those of "permissions" and of dependencies
	Dependencies   []Dependency   // optional: what an install resolves
	Settings       *Schema        // optional: of an object, what admins set
	Props          *Schema        // optional: of an object, what the host passes in
	Callbacks      []Callback     // optional: functions of the host among the props
	Components     []string       // optional: components of the host's own that the plugin renders
	Requires       []string       // optional: capabilities, slots and components of the host without which there is only the fallback
	Fallback       *Fallback      // there if Requires is
	Icons          []Icon         // optional
	Texts          []Text         // optional: name and description in other languages
	Assets         []string       // optional: files that images may show
}

// Runtime says how a plugin is run.
type Runtime struct {
	Wasm            string // name of the module in the folder or package
	MaxPayloadBytes int64  // optional: the longest input or output of a call; 0 if it is not said
	Limits          Wish   // optional: what the plugin would like to have
}

// Wish is what a plugin would like its limits to be; a policy decides. Zero is no wish.
type Wish struct {
	Fuel       int64 // of a call
	WallTimeMS int64 // of a call
	Memory     int64 // bytes
}

// Declares reports whether the manifest asks for c.
func (m *Manifest) Declares(c Capability) bool { return slices.Contains(m.Capabilities, c) }

// ManifestError says what is wrong with a manifest, or with something that is read as strictly, and where. Line and
// Column count from 1, in bytes; Hint says what to do.
type ManifestError struct {
	File         string // "" for ManifestName
	Line, Column int
	Message      string
	Hint         string
}

// Error is one line.
func (e *ManifestError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", cmp.Or(e.File, ManifestName), e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// ParseManifest reads a manifest strictly: an unknown or doubled key, one in different case, trailing
// data, invalid UTF-8 or a value out of range is a *ManifestError with its place. At most
// MaxManifest bytes are read.
func ParseManifest(b []byte) (*Manifest, error) {
	m := new(Manifest)
	p := &manifestParser{json: jsonReader{buf: b}}
	p.manifest(m)
	if p.json.err != nil {
		return nil, p.json.err
	}
	return m, nil
}

// Bounds of a manifest.
const (
	MaxManifest = 64 << 10 // bytes
	MaxAssets   = 1024
	maxVersion  = 64 // bytes
)

// The forms of an id and of a version. They are compiled where they are used: a guest that links
// this package for its trees should not carry an expression engine.
const (
	idForm = `^[a-z0-9]+([.-][a-z0-9]+)*$`
	// The expression of semver.org, with numbers bounded to what every tool can count.
	versionForm = `^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})` +
		`(-((0|[1-9]\d{0,8}|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d{0,8}|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?` +
		`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`
)

// ValidAssetName reports whether name can be the name of a file in a package: parts of letters,
// digits, '-', '_' and '.', joined by '/', none beginning with a dot, at most 128 bytes in all.
func ValidAssetName(name string) bool {
	if len(name) == 0 || len(name) > maxAsset {
		return false
	}
	partBegins := true
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '/' || c == '.':
			if partBegins {
				return false
			}
		case !isAlnum(c) && c != '-' && c != '_':
			return false
		}
		partBegins = c == '/'
	}
	return !partBegins
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// manifestParser reads a manifest, and remembers where things stand for errors that concern several.
type manifestParser struct {
	json         jsonReader
	places       map[string]int // of the values of the manifest's own keys
	permissionAt []int          // of each of Manifest.Permissions
	capabilityAt []int          // of each of Manifest.Capabilities
}

func (p *manifestParser) manifest(m *Manifest) {
	j := &p.json
	j.begin(MaxManifest)
	p.places = map[string]int{}
	fields := []jsonField{
		{"$schema", false, func() { p.json.string() }},
		{"apiVersion", true, func() { p.apiVersion(m) }},
		{"id", true, func() { m.ID = p.formed("id", 64, idForm, `lower case letters, digits, "-" and "."`) }},
		{"name", true, func() { m.Name = p.line("name", 80) }},
		{"version", true, func() { m.Version = p.version("version") }},
		{"description", false, func() { m.Description = p.line("description", 300) }},
		{"minHostVersion", false, func() { m.MinHostVersion = p.version("minHostVersion") }},
		{"engine", false, func() { p.engine(m) }},
		{"runtime", true, func() { p.runtime(&m.Runtime) }},
		{"contributions", false, func() { p.contributions(m) }},
		{"capabilities", true, func() { p.capabilities(m) }},
		{"permissions", false, func() { p.permissions(m) }},
		{"dependencies", false, func() { p.dependencies(m) }},
		{"settings", false, func() { m.Settings = p.schema("settings", true) }},
		{"props", false, func() { m.Props = p.schema("props", true) }},
		{"callbacks", false, func() { p.callbacks(m) }},
		{"components", false, func() { p.components(m) }},
		{"requires", false, func() { p.requires(m) }},
		{"fallback", false, func() { p.fallback(m) }},
		{"icons", false, func() { p.icons(m) }},
		{"texts", false, func() { p.texts(m) }},
		{"assets", false, func() { p.assets(m) }},
	}
	for i := range fields {
		name, read := fields[i].name, fields[i].read
		fields[i].read = func() { p.places[name] = j.mark(); read() }
	}
	j.object("manifest", fields)
	j.finish()
	p.whole(m)
}

func (p *manifestParser) version(what string) string {
	at := p.json.mark()
	s := p.formed(what, maxVersion, versionForm, `a version such as "1.2.3" or "1.2.3-beta.1"`)
	if plain, _, built := strings.Cut(s, "+"); built {
		p.json.failAt(at, fmt.Sprintf("%s %+.80q has build metadata, which tells no version from another", what, s), fmt.Sprintf("write %q, or another version", plain))
	}
	return s
}

func (p *manifestParser) engine(m *Manifest) {
	p.json.object("engine", []jsonField{{"vitrine", true, func() {
		at := p.json.mark()
		m.Engine = p.json.string()
		if err := checkRange(m.Engine); err != nil {
			p.json.failAt(at, err.Error(), "")
		}
	}}})
}

func (p *manifestParser) apiVersion(m *Manifest) {
	at := p.json.mark()
	if m.APIVersion = p.json.string(); m.APIVersion != ManifestVersion {
		p.json.failAt(at, fmt.Sprintf("apiVersion %+.20q is not known", m.APIVersion), `write "v1"`)
	}
}

// formed reads a string of at most most bytes in a given form.
func (p *manifestParser) formed(what string, most int, form, hint string) string {
	at := p.json.mark()
	s := p.json.string()
	if p.json.err == nil && (len(s) > most || !regexp.MustCompile(form).MatchString(s)) {
		p.json.failAt(at, fmt.Sprintf("%s %+.80q is not valid", what, s), hint)
	}
	return s
}

// line reads a text for people: one line, not empty, without control characters.
func (p *manifestParser) line(what string, most int) string {
	at := p.json.mark()
	s := p.json.string()
	switch {
	case strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl):
		p.json.failAt(at, fmt.Sprintf("%s must be one line of 1 to %d characters", what, most), "")
	case strings.TrimSpace(s) != s:
		p.json.failAt(at, what+" begins or ends with space", "remove it")
	}
	if i := strings.IndexFunc(s, invisible); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		p.json.failAt(at, fmt.Sprintf("%s holds %U, which cannot be seen", what, r), "remove it")
	}
	return s
}

// invisible reports whether r is not seen, or changes how its neighbours read without being seen:
// direction overrides, zero-width and filler characters, variation selectors, every space but U+0020.
// With them one name can pass for another.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		unicode.Is(unicode.Zs, r) && r != ' ' || r == brailleBlank
}

const brailleBlank = 0x2800

func (p *manifestParser) runtime(r *Runtime) {
	p.json.object("runtime", []jsonField{
		{"wasm", true, func() { r.Wasm = p.fileName("runtime.wasm") }},
		{"maxPayloadBytes", false, func() { r.MaxPayloadBytes = p.wish("maxPayloadBytes", 1<<31-1) }},
		{"limits", false, func() {
			p.json.object("limits", []jsonField{
				{"fuel", false, func() { r.Limits.Fuel = p.wish("fuel", MaxInteger) }},
				{"wallTimeMs", false, func() { r.Limits.WallTimeMS = p.wish("wallTimeMs", 3_600_000) }},
				{"memoryBytes", false, func() { r.Limits.Memory = p.wish("memoryBytes", 1<<32) }},
			})
		}},
	})
}

// wish reads a number of at least one.
func (p *manifestParser) wish(what string, most int64) int64 {
	at := p.json.mark()
	n := p.json.size(what, most)
	if n == 0 {
		p.json.failAt(at, what+" is nothing", "leave it out, or ask for something")
	}
	return n
}

func (p *manifestParser) capabilities(m *Manifest) {
	m.Capabilities = []Capability{}
	p.json.array(func() {
		at := p.json.mark()
		c := Capability(p.json.string())
		switch {
		case !c.Known():
			p.json.failAt(at, fmt.Sprintf("there is no capability %+.40q", string(c)), "known are "+join(Capabilities()))
		case m.Declares(c):
			p.json.failAt(at, fmt.Sprintf("capability %q is there twice", string(c)), "remove one")
		}
		m.Capabilities = append(m.Capabilities, c)
		p.capabilityAt = append(p.capabilityAt, at)
	})
}

func join(caps []Capability) string {
	names := make([]string, len(caps))
	for i, c := range caps {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

func (p *manifestParser) assets(m *Manifest) {
	p.json.array(func() {
		at := p.json.mark()
		if len(m.Assets) == MaxAssets {
			p.json.failAt(at, fmt.Sprintf("more than %d assets", MaxAssets), "")
			return
		}
		name := p.fileName("asset")
		if slices.Contains(m.Assets, name) {
			p.json.failAt(at, fmt.Sprintf("asset %q is there twice", name), "remove one")
		}
		m.Assets = append(m.Assets, name)
	})
}

func (p *manifestParser) fileName(what string) string {
	at := p.json.mark()
	name := p.json.string()
	if !ValidAssetName(name) {
		p.json.failAt(at, fmt.Sprintf("%s %+.80q is not the name of a file in the folder", what, name), `write it as in "icons/logo.png"`)
	}
	return name
}
