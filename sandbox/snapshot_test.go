package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// A package's snapshot is taken if it is of the package's module, and is no way around anything if it is not.
func TestPackageWithSnapshot(t *testing.T) {
	ctx := context.Background()
	files := folder(all, actorWasm)
	first, err := sandbox.Load(ctx, newRuntime(t), files, patient(nil))
	if err != nil {
		t.Fatal(err)
	}
	snap, _, err := first.Module().Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	file := files["vitrine.json"]
	with := func(b []byte) (*sandbox.Plugin, error) {
		more := folder(all, actorWasm)
		copied := *file
		copied.Data = b
		more["plugin.wasm"+sandbox.SnapshotSuffix] = &copied
		return sandbox.Load(ctx, newRuntime(t), more, patient(nil))
	}
	p, err := with(snap)
	if err != nil {
		t.Fatal(err)
	}
	view := newStage()
	s := box(t, p, view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doCount)))
	view.expect(t, "tree 0, done, tree 1, done")
	var bad *runtime.SnapshotError
	for name, b := range map[string][]byte{
		"empty": nil, "altered": append(bytes.Clone(snap[:len(snap)-1]), snap[len(snap)-1]^1), "of something else": actorWasm,
	} {
		if p, err := with(b); p != nil || !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p, err := with(make([]byte, first.Module().SnapshotSize()+1)); p != nil || err == nil || errors.As(err, &bad) {
		t.Errorf("far too long: %v", err)
	}
}
