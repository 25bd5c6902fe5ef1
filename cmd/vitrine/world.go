package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/hostfuncs/kvsqlite"
)

// commandLine is for whom a plugin runs that no page shows.
const commandLine = "command line"

// worldFlags are what a plugin is given that is called from the command line: what an admin decides, a page passes in, and a host keeps.
type worldFlags struct {
	Grant  []string          `placeholder:"RIGHT" sep:"none" help:"Allow a capability, with all that the manifest declares of it, or a permission; to a plugin made for Extism, a server: \"GET https://api.example.com\"; may be repeated."`
	Props  string            `type:"path" placeholder:"FILE" help:"JSON with the props that a page would pass in."`
	Data   string            `type:"path" placeholder:"DIR" help:"Folder whose kv.sqlite has what the plugin keeps, as of serve; without, that ends with the command."`
	Config map[string]string `placeholder:"KEY=VALUE" help:"What a plugin made for Extism may read by config_get; may be repeated."`
}

// world is what stands behind a plugin's rights.
type world struct {
	services hostfuncs.Services
	props    []byte // CBOR; nil if there are none
	end      func() error
}

// open makes the world of a plugin: the internet and a store, as of serve, and its props.
func (f *worldFlags) open(m *abi.Manifest) (*world, error) {
	w := &world{}
	var err error
	if w.props, err = f.readProps(m); err != nil {
		return nil, err
	}
	store, end, err := openStore(f.Data)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	client := hostfuncs.NewHTTPClient(nil)
	w.services = hostfuncs.Services{HTTP: client, KV: store}
	w.end = func() error { client.Close(); return end() }
	return w, nil
}

func (w *world) close() error { return w.end() }

// readProps reads the props, and holds them against the manifest.
func (f *worldFlags) readProps(m *abi.Manifest) ([]byte, error) {
	if f.Props == "" {
		return nil, nil
	}
	text, err := readFile(f.Props, abi.MaxPageValue)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	v, err := abi.ParseJSON(text)
	if _, isMap := v.(map[string]any); err == nil && !isMap {
		err = errors.New("props are an object")
	}
	var props []byte
	if err == nil {
		props, err = cbor.Marshal(v)
	}
	if err == nil && m.Props != nil {
		err = m.Props.Check(props)
	}
	if err != nil {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("--props %s: %w", f.Props, err)}
	}
	return props, nil
}

// openStore is where plugins keep things: in a folder, or "" for as long as this program runs.
func openStore(folder string) (hostfuncs.Store, func() error, error) {
	if folder == "" {
		return &hostfuncs.MemoryStore{}, func() error { return nil }, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, err
	}
	store, err := kvsqlite.Open(filepath.Join(folder, "kv.sqlite"))
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

// onlyForFolders refuses flags that need a manifest.
func (f *worldFlags) onlyForFolders(src *source) error {
	if src.folder == "" && (f.Props != "" || f.Data != "") {
		return &exitError{code: exitUsage, err: fmt.Errorf("--props and --data are for a plugin's folder, which has a manifest: %s is a file", src.path)}
	}
	return nil
}

// checkGrants refuses names of rights that there are not, and rights that no host can give.
func (f *worldFlags) checkGrants() error {
	grants, err := parseGrants(f.Grant)
	if err != nil {
		return err
	}
	return checkOffered(grants)
}
