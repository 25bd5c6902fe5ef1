package main

import (
	"context"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/vitrine-run/vitrine/bench/call"
	"github.com/vitrine-run/vitrine/bench/peers/plugins/service"
)

// hashicorp is HashiCorp's go-plugin: a process that stays, spoken to through gRPC over a socket.
type hashicorp struct {
	ctx  context.Context
	conn *grpc.ClientConn
}

func newHashicorp(ctx context.Context) (call.System, func(), error) {
	program, err := pluginProgram("hashicorp")
	if err != nil {
		return nil, nil, err
	}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: service.Handshake, Plugins: service.Plugins, Cmd: exec.Command(program), Logger: hclog.NewNullLogger(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
	})
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	v, err := protocol.Dispense(service.Name)
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return &hashicorp{ctx, v.(*grpc.ClientConn)}, client.Kill, nil
}

func (h *hashicorp) Name() string { return "hashicorp" }

func (h *hashicorp) Echo(in []byte) ([]byte, error) { return service.Echo(h.ctx, h.conn, in) }
