package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing/fstest"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

const manifest = `{"apiVersion": "v1", "id": "guest", "name": "Guest", "version": "1.0.0", "description": "Idle.",
	"runtime": {"wasm": "plugin.wasm"}, "capabilities": []}`

// idle has many sandboxes called once, waits until they are parked, and asks the system what the whole
// process takes. Then it wakes them.
func idle(ctx context.Context, g *guest, print func(bench.Row)) error {
	pool, err := runtime.NewPool(&runtime.PoolOptions{Keep: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Pool: pool})
	if err != nil {
		return err
	}
	defer rt.Close(ctx)
	files := fstest.MapFS{"vitrine.json": {Data: []byte(manifest)}, "plugin.wasm": {Data: g.wasm}}
	plugin, err := sandbox.Load(ctx, rt, files, &sandbox.Policy{Idle: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	boxes := make([]*sandbox.Sandbox, g.boxes)
	kept := uint64(0)
	for i := range boxes {
		if boxes[i], err = plugin.New(&sandbox.Options{Principal: fmt.Sprint("person ", i)}); err != nil {
			return err
		}
		if err := fresh.Check(boxes[i].Call(ctx, "greet", fresh.Input)); err != nil {
			return err
		}
	}
	for _, s := range boxes {
		n, ok := s.Parked()
		for ; !ok; n, ok = s.Parked() {
			time.Sleep(time.Millisecond)
		}
		kept += n
	}
	for pool.Stats().Idle > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	debug.FreeOSMemory()
	rss, pss, err := resident()
	if err != nil {
		return err
	}
	print(figure(g, "rss", rss, "MB"))
	print(figure(g, "pss", pss, "MB"))
	print(figure(g, "kept", float64(kept)/float64(len(boxes))/1024, "KiB"))
	return revive(ctx, g, boxes, print)
}

func figure(g *guest, metric string, value float64, unit string) bench.Row {
	return bench.Row{Case: "idle", System: bench.Ours, Variant: g.name, Metric: metric, Value: value, Unit: unit, N: g.boxes}
}

// revive wakes sandboxes, each for one call.
func revive(ctx context.Context, g *guest, boxes []*sandbox.Sandbox, print func(bench.Row)) error {
	var times []float64
	for i, s := range boxes[:min(len(boxes), 500)] {
		began := time.Now()
		if err := fresh.Check(s.Call(ctx, "greet", fresh.Input)); err != nil {
			return err
		}
		if i >= 50 || len(boxes) < 100 { // the first ones find no guests to become
			times = append(times, float64(time.Since(began).Nanoseconds())/1e3)
		}
		for _, ok := s.Parked(); !ok; _, ok = s.Parked() {
			time.Sleep(time.Millisecond)
		}
	}
	r := figure(g, "revive", 0, "us")
	r.N = len(times)
	r.Value, r.Spread = bench.Middle(times)
	print(r)
	for _, s := range boxes {
		s.Unmount()
	}
	return nil
}

// resident is what the operating system says that this process has in memory, in MB of 10^6 bytes.
func resident() (rss, pss float64, err error) {
	f, err := os.Open("/proc/self/smaps_rollup")
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		var kb float64
		_, _ = fmt.Sscan(rest, &kb)
		switch name {
		case "Rss":
			rss = kb * 1024 / 1e6
		case "Pss":
			pss = kb * 1024 / 1e6
		}
	}
	return rss, pss, nil
}
