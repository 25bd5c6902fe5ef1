package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench/plugin"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/sandbox"
)

// benchHost is what a plugin that is measured has around it: the rights that an admin would grant it, and what stands behind them.
type benchHost struct {
	world    *world // nil of one without a manifest
	manifest *abi.Manifest
	audit    *sandbox.Audit // what it was refused
	close    func() error
}

// host gives a plugin what `vitrine call` gives it with the same flags.
func (c *benchCmd) host(src *source, p *plugin.Plugin) (*benchHost, error) {
	h := &benchHost{manifest: src.manifest, audit: sandbox.NewAudit(), close: func() error { return nil }}
	if p.Kind == plugin.Extism {
		return h, c.extismHost(h, p)
	}
	if err := c.checkGrants(); err != nil {
		return nil, err
	}
	if err := c.onlyForFolders(src); err != nil {
		return nil, err
	}
	switch {
	case len(c.Config) > 0:
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("--config is for a plugin made for Extism, which %s is not", plain(c.Module))}
	case src.folder == "" && len(c.Grant) > 0:
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("--grant: %s is a file, without a manifest that asks for anything", plain(c.Module)),
			hint: "measure the plugin's folder, where its " + abi.ManifestName + " is"}
	case src.folder == "":
		return h, nil
	}
	var err error
	if h.world, err = c.open(src.manifest); err != nil {
		return nil, err
	}
	h.close, p.Refused = h.world.close, func() string { return h.notes(src.info, c.Grant) }
	p.World, err = h.options(c.Grant, src.folder)
	return h, err
}

// options are the world of each instance of the plugin.
func (h *benchHost) options(grant []string, folder string) (*hostfuncs.Options, error) {
	grants, permissions, err := grantedRights(grant, h.manifest)
	if err != nil {
		return nil, err
	}
	gate, err := sandbox.NewGate(h.manifest, &sandbox.Rights{Grants: grants, Permissions: permissions}, h.audit, commandLine)
	if err != nil {
		return nil, err
	}
	settings, err := h.manifest.Settings.Fill(nil) // the defaults, as nobody has set any
	if err != nil {
		return nil, err
	}
	return &hostfuncs.Options{Gate: gate, Props: h.world.props, Settings: settings, Services: &h.world.services,
		Subject: hostfuncs.Subject{Plugin: h.manifest.ID, Version: h.manifest.Version},
		Assets:  h.asset(folder)}, nil
}

// extismHost gives a plugin made for Extism the servers that it may ask.
func (c *benchCmd) extismHost(h *benchHost, p *plugin.Plugin) error {
	if c.Props != "" || c.Data != "" {
		return &exitError{code: exitUsage, err: fmt.Errorf("--props and --data are not for a plugin made for Extism"), hint: "its configuration comes from --config KEY=VALUE"}
	}
	permissions, err := httpPermissions(c.Grant)
	if err != nil {
		return err
	}
	client := hostfuncs.NewHTTPClient(nil)
	h.close = func() error { client.Close(); return nil }
	p.Extism = &extism.Options{HTTP: hostfuncs.ExtismHTTP(client, commandLine, permitted(permissions))}
	p.Config = c.Config
	return nil
}

// maxRefused is how many things that a plugin was refused are named.
const maxRefused = 3

// refused says what the plugin was refused and which flags allow it, "" if nothing was refused.
func (h *benchHost) refused() string {
	if h.manifest == nil {
		return extismHint
	}
	var list []string
	for _, d := range h.audit.Denials(nil) {
		if said := h.refusal(&d); !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	if n := len(list) - maxRefused; n > 0 {
		list = append(list[:maxRefused], fmt.Sprintf("and it was refused %d more", n))
	}
	return strings.Join(list, "; ")
}

// refusal says of one denial what was needed and what allows it.
func (h *benchHost) refusal(d *sandbox.Denial) string {
	switch {
	case d.Step == sandbox.StepManifest:
		return fmt.Sprintf("it was refused %s, which its manifest does not ask for", d.Need)
	case !hostfuncs.Offered(d.Capability):
		return fmt.Sprintf("it was refused %s, which no host of this version offers", d.Need)
	}
	return fmt.Sprintf("it was refused %s: allow it with --grant %s", d.Need, d.Capability)
}

// absent are the capabilities that need an application, which nobody has on a command line. What a plugin asks for of them is answered
// that there is none, so that a call that uses them does less than in a host.
var absent = []abi.Capability{abi.CapAPI, abi.CapSSE, abi.CapData, abi.CapAuthz, abi.CapTelemetry, abi.CapJobs}

// notes says after the first call what kept the plugin from doing all of its work, "" if nothing did.
func (h *benchHost) notes(info *runtime.Info, granted []string) string {
	var list []string
	if refused := h.refused(); refused != "" {
		list = append(list, refused)
	}
	for _, c := range absent {
		imported := slices.ContainsFunc(info.Imports, func(im runtime.Import) bool { return im.Module == c.Module() })
		if imported && slices.Contains(granted, string(c)) {
			list = append(list, fmt.Sprintf("what it asks of %q needs an application, which a command line has not: it is answered that there is none", string(c)))
		}
	}
	return strings.Join(list, "; ")
}

// asset reads the files that the manifest lists.
func (h *benchHost) asset(folder string) func(string) ([]byte, error) {
	const most = 4 << 20 // as in sandbox.Policy
	return func(name string) ([]byte, error) {
		if !slices.Contains(h.manifest.Assets, name) {
			return nil, fs.ErrNotExist
		}
		return readFile(filepath.Join(folder, filepath.FromSlash(name)), most)
	}
}
