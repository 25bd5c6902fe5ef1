package sandbox_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// importing is a module with one import and nothing else. desc is the kind of the import and what
// follows it; function type 0 is () -> (i32).
func importing(module, name string, desc ...byte) []byte {
	text := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	body := append([]byte{1}, append(text(module), append(text(name), desc...)...)...)
	b := []byte("\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f\x02")
	return append(append(b, byte(len(body))), body...)
}

func TestLoadRefuses(t *testing.T) {
	function := []byte{0, 0}
	for name, c := range map[string]struct {
		pkg  fstest.MapFS
		want string
	}{
		"no manifest":      {fstest.MapFS{}, `open vitrine.json: file does not exist`},
		"manifest":         {fstest.MapFS{"vitrine.json": {Data: []byte(`{"ID": 1}`)}}, `vitrine.json:1:2: manifest has no key "ID" (write "id")`},
		"no module":        {fstest.MapFS{"vitrine.json": {Data: []byte(manifest(""))}}, `plugin[actor]: open plugin.wasm: file does not exist`},
		"no wasm":          {folder("", []byte("GIF89a")), `plugin.wasm: runtime: invalid module`},
		"undeclared":       {folder(`"ui"`, importing("vitrine:props", "read", function...)), `import vitrine:props.read: the manifest does not declare the capability "props" (add "props" to its capabilities)`},
		"undeclared http":  {folder(`"ui"`, importing("vitrine:http", "request", function...)), `import vitrine:http.request: the manifest does not declare the capability "http"`},
		"unknown function": {folder(`"ui"`, importing("vitrine:ui", "alert", function...)), `import vitrine:ui.alert: no host has such a function`},
		"unknown module":   {folder(`"ui"`, importing("env", "abort", function...)), `import env.abort: no host has such a function`},
		"another plugin":   {folder("", importing("tablelens", "read", function...)), `import tablelens.read: no host has such a function`},
		"control":          {folder("", importing("a\nb", "c", function...)), `import "a\nb".c: no host has such a function`},
		"wrong type":       {folder(`"ui"`, importing("vitrine:ui", "render", function...)), `import vitrine:ui.render: it has type () -> (i32) (see abi/ABI.md)`},
		"memory":           {folder("", importing("vitrine:core", "memory", 2, 0, 1)), `import vitrine:core.memory: a memory cannot be imported, only functions`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := sandbox.Load(context.Background(), newRuntime(t), c.pkg, nil)
			if p != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want an error with %q", p, err, c.want)
			}
		})
	}
}

func TestLoadErrorsHaveTypes(t *testing.T) {
	try := func(pkg fs.FS) error {
		_, err := sandbox.Load(context.Background(), newRuntime(t), pkg, nil)
		return err
	}
	var manifestErr *abi.ManifestError
	var importErr *sandbox.ImportError
	var invalid *runtime.InvalidError
	if err := try(fstest.MapFS{"vitrine.json": {}}); !errors.As(err, &manifestErr) {
		t.Errorf("an empty manifest: %v", err)
	}
	if err := try(folder("", importing("env", "abort", 0, 0))); !errors.As(err, &importErr) || importErr.Module != "env" {
		t.Errorf("an unknown import: %v", err)
	}
	if err := try(folder("", []byte("x"))); !errors.As(err, &invalid) {
		t.Errorf("no wasm: %v", err)
	}
	if err := try(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no manifest: %v", err)
	}
}

func TestLoadBoundsFiles(t *testing.T) {
	pkg := folder(all, actorWasm)
	pkg["vitrine.json"] = &fstest.MapFile{Data: []byte(manifest(all) + strings.Repeat(" ", abi.MaxManifest))}
	if _, err := sandbox.Load(context.Background(), newRuntime(t), pkg, nil); err == nil || !strings.Contains(err.Error(), "vitrine.json: too large") {
		t.Errorf("a manifest over the limit: %v", err)
	}
	policy := &sandbox.Policy{Limits: &runtime.Limits{ModuleSize: 100}}
	if _, err := sandbox.Load(context.Background(), newRuntime(t), folder(all, actorWasm), policy); err == nil || !strings.Contains(err.Error(), "plugin.wasm: too large") {
		t.Errorf("a module over the limit: %v", err)
	}
}

func TestAssets(t *testing.T) {
	p := load(t, nil)
	if b, err := p.Asset("logo.png"); err != nil || string(b) != "\x89PNG" {
		t.Errorf("a listed asset: %q, %v", b, err)
	}
	for _, name := range []string{"secret.txt", "vitrine.json", "plugin.wasm", "", "../logo.png", "logo.png/"} {
		if b, err := p.Asset(name); b != nil || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("asset %q: %q, %v", name, b, err)
		}
	}
	small := load(t, &sandbox.Policy{Asset: 3})
	if _, err := small.Asset("logo.png"); err == nil {
		t.Error("an asset over the limit was read")
	}
}
