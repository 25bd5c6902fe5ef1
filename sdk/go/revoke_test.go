package vitrine_test

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

const holderManifest = `{"apiVersion": "v1", "id": "holder", "name": "Holder", "version": "0.1.0", "runtime": {"wasm": "p.wasm"},
	"capabilities": ["ui", "sse", "kv", "jobs"], "permissions": {"sse": ["orders"], "plain": ["kv", "jobs"]}}`

// A plugin in WebAssembly that hears a channel, runs a job and keeps data loses each of them at the moment
// in which it is revoked, and nothing else.
func TestRevokingInARunningPlugin(t *testing.T) {
	ctx := context.Background()
	events, audit := &hostfuncs.MemoryEvents{}, sandbox.NewAudit()
	pkg := fstest.MapFS{abi.ManifestName: {Data: []byte(holderManifest)}, "p.wasm": {Data: build(t, "holder")}}
	plugin, err := sandbox.Load(ctx, newRuntime(t), pkg, &sandbox.Policy{Audit: audit,
		Services: &hostfuncs.Services{Events: events, KV: &hostfuncs.MemoryStore{}}, Limits: &runtime.Limits{WallTime: time.Minute, HostCalls: 1 << 40}})
	if err != nil {
		t.Fatal(err)
	}
	view := make(shown, 256)
	rights := sandbox.Rights{Grants: []abi.Capability{abi.CapUI}, Permissions: plugin.Manifest().Permissions}
	box, err := plugin.New(&sandbox.Options{View: view, Grants: rights.Grants, Permissions: rights.Permissions, Subject: hostfuncs.Subject{Tenant: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(ctx)
	if err := box.Mount(abi.MountContext{}); err != nil {
		t.Fatal(err)
	}
	expectShown(t, view, "heard 0, kept nothing, channel open, job runs")
	for events.Subscribers("orders") == 0 { // what is published before reaches nobody
		time.Sleep(time.Millisecond)
	}
	say := func() { events.Publish("t", hostfuncs.Topic{Channel: "orders"}, hostfuncs.HostEvent{}) }
	revoke := func(c abi.Capability) time.Time {
		rights.Permissions = slices.DeleteFunc(slices.Clone(rights.Permissions), func(p abi.Permission) bool { return p.Capability == c })
		if err := box.SetRights(rights); err != nil {
			t.Fatal(err)
		}
		return time.Now()
	}
	say()
	expectShown(t, view, "heard 1, kept <nil>, channel open, job runs")
	revoke(abi.CapKV)
	say()
	expectShown(t, view, "heard 2, kept denied, channel open, job runs")
	began := revoke(abi.CapJobs)
	expectShown(t, view, "heard 2, kept denied, channel open, job denied")
	revoke(abi.CapSSE)
	say()
	expectShown(t, view, "heard 2, kept denied, channel denied, job denied")
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	if d := audit.Denials(&sandbox.DenialQuery{Capability: abi.CapKV}); len(d) != 1 || d[0].Step != sandbox.StepGrant || d[0].Times != 1 {
		t.Errorf("recorded %+v", d)
	}
}
