package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

const processName = "process"

// process starts a process for every call, and speaks to it through its standard input and output.
type process struct {
	ctx     context.Context
	program string
}

func newProcess(ctx context.Context) (call.System, func(), error) {
	program, err := pluginProgram("echo")
	return &process{ctx, program}, func() {}, err
}

func (p *process) Name() string { return processName }

func (p *process) Echo(in []byte) ([]byte, error) {
	cmd := exec.CommandContext(p.ctx, p.program)
	cmd.Env, cmd.Stdin, cmd.Stderr = []string{}, bytes.NewReader(in), os.Stderr
	return cmd.Output()
}

// freshProcess is the same where each call has a clean instance: a process is one by nature.
type freshProcess struct{ process }

func newFreshProcess(ctx context.Context) (fresh.System, error) {
	program, err := pluginProgram("echo")
	return &freshProcess{process{ctx, program}}, err
}

func (p *freshProcess) Once(context.Context) ([]byte, error) { return fresh.Said(p.Echo(fresh.Input)) }

func (p *freshProcess) Close(context.Context) error { return nil }
