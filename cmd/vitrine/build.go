package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/sandbox"
)

type buildCmd struct {
	Dirs     []string `arg:"" name:"dir" help:"Folders of plugins: Go sources and a vitrine.json."`
	Snapshot bool     `help:"Start the plugin and keep what has become of it, so that hosts need not start it."`
	Names    bool     `help:"Keep the names of functions in the module, for profiles."`
	JSON     bool     `name:"json" help:"Print one JSON object a plugin."`
}

func (buildCmd) Help() string {
	return `Examples:
  vitrine build examples/counter examples/fractal
  vitrine build --snapshot examples/fractal
  vitrine build --names examples/tablelens   # so that vitrine bench names its functions

The module goes to the file that the manifest names as runtime.wasm. It replaces the old
one only if it is valid and imports nothing that the manifest does not declare. The
snapshot goes beside it, with .snapshot added to its name; of a folder without Go sources,
--snapshot makes that alone. A snapshot of an old module is removed.`
}

// built is what --json says of a plugin.
type built struct {
	Plugin string `json:"plugin"`
	Wasm   string `json:"wasm"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`

	Snapshot int `json:"snapshot,omitempty"` // bytes
}

func (c *buildCmd) Run(e *env) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, dir := range c.Dirs {
		e.answered = false // there is one object a plugin
		b, err := c.build(ctx, e, dir)
		if err != nil {
			return err
		}
		if c.JSON {
			err = e.print(b)
		} else {
			_, err = fmt.Fprintf(e.stdout, "%s  %d bytes  sha256 %s  %s\n", b.Plugin, b.Size, b.SHA256, b.Wasm)
		}
		if err == nil && !c.JSON && b.Snapshot > 0 {
			_, err = fmt.Fprintf(e.stdout, "%s  %d bytes  %s\n", b.Plugin, b.Snapshot, b.Wasm+sandbox.SnapshotSuffix)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *buildCmd) build(ctx context.Context, e *env, dir string) (*built, error) {
	b, err := buildPlugin(ctx, e, dir, c.Snapshot, c.Names)
	if err == nil && c.Snapshot {
		b.Snapshot, err = makeSnapshot(ctx, e, dir, b.Wasm)
	}
	return b, err
}

// buildPlugin builds the module, with the names of its functions or without. One that has no Go sources may be there already.
func buildPlugin(ctx context.Context, e *env, dir string, there, names bool) (*built, error) {
	manifest, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err == nil && len(sources) == 0 && there {
		src, err := openSource(dir)
		if err != nil {
			return nil, err
		}
		return &built{Plugin: manifest.ID, Wasm: src.file, Size: src.info.Size, SHA256: src.sha256()}, nil
	}
	if err != nil || len(sources) == 0 {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("%s has no Go sources", dir),
			hint: "other languages come with their own compiler; put its result into " + manifest.Runtime.Wasm}
	}
	target := filepath.Join(dir, filepath.FromSlash(manifest.Runtime.Wasm))
	tmp, err := os.MkdirTemp(filepath.Dir(target), ".build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp) // what is left of it harms nobody
	fresh, err := filepath.Abs(filepath.Join(tmp, "plugin.wasm"))
	if err != nil {
		return nil, err
	}
	if err := goBuild(ctx, e, dir, fresh, names); err != nil {
		return nil, err
	}
	src := &source{path: dir, folder: dir, manifest: manifest}
	if err := src.readBuilt(fresh); err != nil {
		return nil, err
	}
	if err := dropSnapshot(target); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, target); err != nil {
		return nil, err
	}
	return &built{Plugin: manifest.ID, Wasm: target, Size: src.info.Size, SHA256: src.sha256()}, nil
}

// readBuilt checks a module as a host would before it takes it.
func (s *source) readBuilt(file string) error {
	fresh, err := openSource(file)
	if err != nil {
		return err
	}
	s.code, s.info = fresh.code, fresh.info
	if err := s.checkImports(); err != nil {
		return err
	}
	if _, err := validate.Module(s.code, nil); err != nil {
		return &exitError{code: exitInvalid, err: fmt.Errorf("%s: %w", s.path, err)}
	}
	return nil
}

// goBuild runs the Go toolchain. What it says is passed on.
func goBuild(ctx context.Context, e *env, dir, out string, names bool) error {
	strip := "-ldflags=-s -w"
	if names {
		strip = "-ldflags=-w"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", strip, "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stop := progress(e.stderr, "building "+dir)
	err := cmd.Run()
	stop()
	if _, werr := e.stderr.Write(said.Bytes()); werr != nil {
		return werr
	}
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return &exitError{code: exitUsage, err: err, hint: "install Go from https://go.dev/dl"}
	case errors.As(err, &exit):
		return &exitError{code: exitUsage, err: fmt.Errorf("%s does not compile", dir)}
	}
	return err
}

// progress shows on a terminal what takes over a second, and nothing anywhere else. The
// function it returns wipes the line.
func progress(w io.Writer, what string) (stop func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for began := time.Now(); ; {
			select {
			case <-tick.C:
				fmt.Fprintf(f, "\r%s ... %v ", what, time.Since(began).Round(time.Second))
			case <-quit:
				fmt.Fprint(f, "\r\x1b[K")
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
