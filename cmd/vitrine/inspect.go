package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

type inspectCmd struct {
	Path string `arg:"" name:"path" help:"A .wasm file, or a plugin's folder."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

func (inspectCmd) Help() string {
	return `Example: vitrine inspect examples/counter

Nothing is compiled and nothing runs. The exit code is 5 if the module is not valid or
imports what its manifest does not declare.`
}

// inspection is what there is to know of a module without running it.
type inspection struct {
	Path        string           `json:"path"`
	Size        int64            `json:"size"`
	SHA256      string           `json:"sha256"`
	Plugin      *pluginInfo      `json:"plugin"`
	Memory      *memoryInfo      `json:"memory"`
	May         []string         `json:"may"`      // what it can reach, as sentences for a person
	MayNot      []string         `json:"may_not"`  // what it cannot, such as "no network"
	Settings    []settingInfo    `json:"settings"` // what an admin is asked to set
	Imports     []importInfo     `json:"imports"`
	Exports     []exportInfo     `json:"exports"`
	ThroughWASI []string         `json:"through_wasi"`
	CanReach    []abi.Capability `json:"can_reach"`
	CannotReach []string         `json:"cannot_reach"`
	NotOffered  []abi.Capability `json:"not_offered"` // imported, but no host has it
	Unused      []abi.Capability `json:"unused"`
	Error       *string          `json:"error"`
}

type pluginInfo struct {
	ID           string           `json:"id"`
	Name         string           `json:"name"`
	Version      string           `json:"version"`
	Capabilities []abi.Capability `json:"capabilities"`
}

type settingInfo struct {
	Name     string `json:"name"`
	Secret   bool   `json:"secret"` // it may be used and never read
	Required bool   `json:"required"`
}

func settingsOf(m *abi.Manifest) []settingInfo {
	list := []settingInfo{}
	required := m.Settings.Required()
	for _, name := range m.Settings.Names() {
		list = append(list, settingInfo{name, m.Settings.Secret(name), slices.Contains(required, name)})
	}
	return list
}

// String is the setting with what there is to know of it.
func (s settingInfo) String() string {
	switch {
	case s.Secret && s.Required:
		return s.Name + " (a secret, which it never reads; needed)"
	case s.Secret:
		return s.Name + " (a secret, which it never reads)"
	case s.Required:
		return s.Name + " (needed)"
	}
	return s.Name
}

type memoryInfo struct {
	Min   uint64 `json:"min"`
	Max   uint64 `json:"max"`   // what the module names, 4 GiB if it names nothing
	Limit uint64 `json:"limit"` // what it can have where nobody set another limit
}

// most says how much it can become.
func (m *memoryInfo) most() string {
	if m.Max > m.Limit {
		return fmt.Sprintf("at most %d by default, %d if the host allows it", m.Limit, m.Max)
	}
	return fmt.Sprintf("at most %d", m.Limit)
}

type importInfo struct {
	Module     string         `json:"module"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Type       string         `json:"type"`
	Capability abi.Capability `json:"capability"`
}

type exportInfo struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type"`
}

func (c *inspectCmd) Run(e *env) error {
	src, err := openSource(c.Path)
	if err != nil {
		return c.broken(e, err)
	}
	refused := src.checkImports()
	if src.manifest == nil && !importsUnknown(src.info) {
		refused = nil // a file without a manifest breaks no promise
	}
	in := inspectSource(src, refused)
	if c.JSON {
		err = e.print(in)
	} else {
		err = in.print(e.stdout)
	}
	if err != nil {
		return err
	}
	return refused
}

// broken answers for what cannot be read.
func (c *inspectCmd) broken(e *env, err error) error {
	if !c.JSON {
		return err
	}
	in := emptyInspection(c.Path)
	msg := err.Error()
	in.Error = &msg
	if printed := e.print(in); printed != nil {
		return printed
	}
	return err
}

func emptyInspection(path string) *inspection {
	return &inspection{
		Path: path, Settings: []settingInfo{}, Imports: []importInfo{}, Exports: []exportInfo{}, ThroughWASI: []string{}, CanReach: []abi.Capability{},
		May: []string{}, MayNot: []string{}, CannotReach: []string{}, NotOffered: []abi.Capability{}, Unused: []abi.Capability{},
	}
}

// importsUnknown tells whether something is imported that no host has.
func importsUnknown(info *runtime.Info) bool {
	return slices.ContainsFunc(info.Imports, func(im runtime.Import) bool {
		_, known := abi.FindImport(im.Module, im.Name)
		return !known && im.Module != abi.ModuleWASI
	})
}

func inspectSource(src *source, refused error) *inspection {
	in := emptyInspection(src.file)
	in.Size, in.SHA256 = src.info.Size, src.sha256()
	if refused != nil {
		msg := refused.Error()
		in.Error = &msg
	}
	if m := src.manifest; m != nil {
		in.Plugin = &pluginInfo{m.ID, m.Name, m.Version, append([]abi.Capability{}, m.Capabilities...)}
		in.Settings = settingsOf(m)
	}
	if m := src.info.Memory; m != nil {
		in.Memory = &memoryInfo{m.Min, m.Max, min(m.Max, runtime.DefaultLimits().Memory)}
	}
	for _, im := range src.info.Imports {
		known, _ := abi.FindImport(im.Module, im.Name)
		info := importInfo{im.Module, im.Name, im.Kind.String(), typeOf(im.Kind, im.Params, im.Results), known.Capability}
		if !slices.Contains(in.Imports, info) { // compilers name some twice
			in.Imports = append(in.Imports, info)
		}
	}
	for _, ex := range src.info.Exports {
		in.Exports = append(in.Exports, exportInfo{ex.Name, ex.Kind.String(), typeOf(ex.Kind, ex.Params, ex.Results)})
	}
	in.reach(src.manifest)
	return in
}

func typeOf(k runtime.Kind, params, results []runtime.ValueType) string {
	if k != wasm.KindFunc {
		return ""
	}
	return runtime.Signature(params, results)
}

// reach says what the imports add up to. What is not imported cannot be reached,
// whatever a manifest declares; files never can, for a plugin.
func (in *inspection) reach(m *abi.Manifest) {
	given := in.throughWASI(m)
	for _, c := range abi.Capabilities() {
		imported := slices.ContainsFunc(in.Imports, func(im importInfo) bool { return im.Capability == c })
		// A grant of the clock sets the one of WASI going too.
		imported = imported || c == abi.CapClock && given[c]
		offered := hostfuncs.Offered(c)
		switch {
		case imported && offered && (m == nil || m.Declares(c)):
			in.CanReach = append(in.CanReach, c)
		case (!imported || !offered) && !given[c]:
			in.CannotReach = append(in.CannotReach, plainName(c))
		}
		if imported && !offered {
			in.NotOffered = append(in.NotOffered, c)
		}
		if m != nil && m.Declares(c) && !imported {
			in.Unused = append(in.Unused, c)
		}
	}
	in.CannotReach = append(in.CannotReach, "files")
	in.sentences(m)
}

// throughWASI lists what a plugin has through WASI without a grant, and answers the capabilities of
// which that is a part, so that nobody is told that they are out of reach.
func (in *inspection) throughWASI(m *abi.Manifest) map[abi.Capability]bool {
	imports := func(names ...string) bool {
		return slices.ContainsFunc(in.Imports, func(im importInfo) bool {
			return im.Module == abi.ModuleWASI && slices.Contains(names, im.Name)
		})
	}
	given := map[abi.Capability]bool{}
	if imports("random_get") {
		given[abi.CapRandom] = true
		in.ThroughWASI = append(in.ThroughWASI, "random bytes")
	}
	if imports("clock_time_get") {
		clock := "a clock that stands still"
		if m != nil && m.Declares(abi.CapClock) {
			given[abi.CapClock] = true
			clock += " unless clock:fine is granted"
		}
		in.ThroughWASI = append(in.ThroughWASI, clock)
	}
	if imports("fd_write", "fd_pwrite") {
		given[abi.CapLog] = true
		in.ThroughWASI = append(in.ThroughWASI, "lines in the log")
	}
	return given
}

// importsWASI tells whether there is anything to say of it.
func (in *inspection) importsWASI() bool {
	return slices.ContainsFunc(in.Imports, func(im importInfo) bool { return im.Module == abi.ModuleWASI })
}

// plainName is how people call what a capability reaches.
func plainName(c abi.Capability) string {
	if c == abi.CapHTTP {
		return "network"
	}
	return string(c)
}

func (in *inspection) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if p := in.Plugin; p != nil {
		fmt.Fprintf(t, "plugin\t%s %s\t%s\n", p.ID, p.Version, p.Name)
		fmt.Fprintf(t, "declares\t%s\n", list(p.Capabilities))
	}
	fmt.Fprintf(t, "module\t%s\n", in.Path)
	fmt.Fprintf(t, "size\t%d bytes\n", in.Size)
	fmt.Fprintf(t, "sha256\t%s\n", in.SHA256)
	if m := in.Memory; m != nil {
		fmt.Fprintf(t, "memory\t%d bytes at the start, %s\n", m.Min, m.most())
	}
	for i, sentence := range in.May {
		fmt.Fprintf(t, "%s\t%s\n", first(i, "may"), sentence)
	}
	if len(in.May) == 0 {
		fmt.Fprintln(t, "may\tcompute, and reach nothing")
	}
	fmt.Fprintf(t, "cannot\t%s\n", list(in.MayNot))
	for i, setting := range in.Settings {
		fmt.Fprintf(t, "%s\t%s\n", first(i, "is set"), setting)
	}
	fmt.Fprintf(t, "can reach\t%s\n", list(in.CanReach))
	if in.importsWASI() {
		fmt.Fprintf(t, "through WASI\t%s; no files, no network, no environment\n", list(in.ThroughWASI))
	}
	fmt.Fprintf(t, "cannot reach\t%s\n", list(in.CannotReach))
	if len(in.NotOffered) > 0 {
		fmt.Fprintf(t, "asks in vain\t%s, which no host of this version offers\n", list(in.NotOffered))
	}
	if len(in.Unused) > 0 {
		fmt.Fprintf(t, "never uses\t%s\n", list(in.Unused))
	}
	fmt.Fprintln(t, "\nimports")
	for _, im := range in.Imports {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", cmp.Or(string(im.Capability), "-"), plain(im.Module+"."+im.Name), cmp.Or(im.Type, im.Kind))
	}
	fmt.Fprintln(t, "\nexports")
	for _, ex := range in.Exports {
		fmt.Fprintf(t, "  %s\t%s\n", plain(ex.Name), cmp.Or(ex.Type, ex.Kind))
	}
	return t.Flush()
}

// plain makes a module's words safe for a terminal.
func plain(s string) string {
	q := fmt.Sprintf("%q", s)
	if q == `"`+s+`"` {
		return s
	}
	return q
}

func list[T ~string](items []T) string {
	if len(items) == 0 {
		return "nothing"
	}
	names := make([]string, len(items))
	for i, it := range items {
		names[i] = string(it)
	}
	return strings.Join(names, ", ")
}
