package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// dropSnapshot removes the snapshot of a module that is about to be replaced.
func dropSnapshot(module string) error {
	err := os.Remove(module + sandbox.SnapshotSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeSnapshot starts a plugin, and keeps what has become of it beside its module. It returns how many bytes
// that are.
func makeSnapshot(ctx context.Context, e *env, dir, module string) (int, error) {
	if err := dropSnapshot(module); err != nil {
		return 0, err
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions()})
	if err != nil {
		return 0, err
	}
	defer rt.Close(context.WithoutCancel(ctx)) // nothing of it is kept
	p, err := sandbox.Load(ctx, rt, os.DirFS(dir), nil)
	if err != nil {
		return 0, &exitError{code: exitInvalid, err: err}
	}
	b, random, err := p.Module().Snapshot(ctx)
	if errors.Is(err, runtime.ErrNoSnapshot) {
		return 0, &exitError{code: exitInvalid, err: fmt.Errorf("%s: %w", dir, err), hint: "build it without --snapshot: it starts by itself"}
	}
	if err != nil {
		return 0, err
	}
	if random {
		fmt.Fprintf(e.stderr, "%s: its snapshot holds random numbers, such as the seeds of its maps, which are the same on every host\n", dir)
	}
	return len(b), writeBeside(module+sandbox.SnapshotSuffix, b)
}

// writeBeside replaces a file in one step.
func writeBeside(name string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".build-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // it is not there any more if all went well
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
