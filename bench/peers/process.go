package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/hashicorp/go-plugin"

	"github.com/vitrine-run/vitrine/bench/call"
)

// role tells this program to be a plugin.
const role = "VITRINE_PEERS_ROLE"

// serveAsPlugin is the plugin's side of the systems that are processes: this same program, started anew.
func serveAsPlugin() bool {
	switch os.Getenv(role) {
	case "process":
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "lines":
		if err := serveLines(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "hashicorp":
		plugin.Serve(&plugin.ServeConfig{HandshakeConfig: handshake, Plugins: plugins, GRPCServer: plugin.DefaultGRPCServer})
	default:
		return false
	}
	return true
}

// process starts a process for every call, and speaks to it through its standard input and output.
type process struct {
	ctx  context.Context
	self string
}

func newProcess(ctx context.Context) (call.System, func(), error) {
	self, err := os.Executable()
	return &process{ctx, self}, func() {}, err
}

func (p *process) Name() string { return "process" }

func (p *process) Echo(in []byte) ([]byte, error) {
	cmd := exec.CommandContext(p.ctx, p.self)
	cmd.Env, cmd.Stdin, cmd.Stderr = []string{role + "=process"}, bytes.NewReader(in), os.Stderr
	return cmd.Output()
}
