package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	extism "github.com/extism/go-sdk"

	"github.com/vitrine-run/vitrine/bench/density"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

// densitySystems are those of the case density, ours first.
func densitySystems() []density.Maker {
	return append(density.Light(),
		density.Maker{Name: "extism", Make: newExtismHouse},
		density.Maker{Name: processName, Make: func(_ context.Context, guest string, _ []byte) (density.House, error) {
			if guest != "go" {
				return nil, nil // the plugin is one in Go
			}
			program, err := pluginProgram("echo")
			return &processHouse{program: program}, err
		}},
	)
}

// extismHouse has plugins that stay, of code that is compiled once.
type extismHouse struct {
	code *extism.CompiledPlugin
	name string
	all  []*extism.Plugin
}

func newExtismHouse(ctx context.Context, guest string, _ []byte) (density.House, error) {
	wasm, err := extismGoGuest()
	if err != nil {
		return nil, err
	}
	code, name, err := extismCode(ctx, guest, wasm)
	if err != nil {
		return nil, err
	}
	return &extismHouse{code: code, name: name}, nil
}

// Add implements density.House.
func (h *extismHouse) Add(ctx context.Context) ([]byte, error) {
	p, err := h.code.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	h.all = append(h.all, p)
	return greeted(ctx, p, h.name)
}

// Settle implements density.House.
func (h *extismHouse) Settle(context.Context) (float64, error) { return 0, nil }

// Close implements density.House.
func (h *extismHouse) Close(ctx context.Context) error { return h.code.Close(ctx) }

// processHouse has processes that stay and answer what they read.
type processHouse struct {
	program string
	all     []*resident
}

// resident is one process.
type resident struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Add implements density.House.
func (h *processHouse) Add(ctx context.Context) ([]byte, error) {
	cmd := exec.CommandContext(ctx, h.program, "lines")
	cmd.Env, cmd.Stderr = []string{}, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &resident{cmd, in, bufio.NewReaderSize(out, 64)}
	h.all = append(h.all, r)
	if _, err := fmt.Fprintf(in, "%s\n", fresh.Input); err != nil {
		return nil, err
	}
	line, err := r.out.ReadString('\n')
	return fresh.Said([]byte(strings.TrimSpace(line)), err)
}

// Settle implements density.House: what the processes have, each with its part of what all share (Pss).
func (h *processHouse) Settle(context.Context) (sum float64, err error) {
	for _, r := range h.all {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", r.cmd.Process.Pid))
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(b), "\nPss:")
		var kib float64
		if _, err := fmt.Sscan(rest, &kib); err != nil {
			return 0, fmt.Errorf("memory of a process: %w", err)
		}
		sum += kib * 1024
	}
	return sum, nil
}

// Close implements density.House.
func (h *processHouse) Close(context.Context) error {
	var err error
	for _, r := range h.all {
		err = errors.Join(err, r.in.Close(), r.cmd.Wait())
	}
	return err
}
