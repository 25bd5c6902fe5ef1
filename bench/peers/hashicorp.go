package main

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/vitrine-run/vitrine/bench/call"
)

// hashicorp is HashiCorp's go-plugin: a process that stays, spoken to through gRPC over a socket.
type hashicorp struct {
	ctx  context.Context
	conn *grpc.ClientConn
}

var (
	handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: role, MagicCookieValue: "hashicorp"}
	plugins   = map[string]plugin.Plugin{"echo": &echoPlugin{}}
)

func newHashicorp(ctx context.Context) (call.System, func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: handshake, Plugins: plugins, Cmd: exec.Command(self), Logger: hclog.NewNullLogger(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
	})
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	v, err := protocol.Dispense("echo")
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return &hashicorp{ctx, v.(*grpc.ClientConn)}, client.Kill, nil
}

func (h *hashicorp) Name() string { return "hashicorp" }

func (h *hashicorp) Echo(in []byte) ([]byte, error) {
	var out wrapperspb.BytesValue
	err := h.conn.Invoke(h.ctx, "/bench.Plugin/Echo", wrapperspb.Bytes(in), &out)
	return out.Value, err
}

// echoPlugin is the service, without a compiler of protocols: one method, bytes both ways.
type echoPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (*echoPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Plugin", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Echo", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var in wrapperspb.BytesValue
			return &in, decode(&in)
		}}},
	}, struct{}{})
	return nil
}

func (*echoPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	if conn == nil {
		return nil, errors.New("no connection")
	}
	return conn, nil
}
