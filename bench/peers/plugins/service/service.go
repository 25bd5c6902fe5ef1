// Package service is what a host and a plugin of HashiCorp's go-plugin say to each other in the benchmark: a service of
// gRPC with one method, bytes both ways, declared by hand, for it needs no compiler of protocols.
package service

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Name is the plugin's, in Plugins.
const Name = "echo"

// Handshake and Plugins are the same on both sides.
var (
	Handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "VITRINE_PEERS", MagicCookieValue: "hashicorp"}
	Plugins   = map[string]plugin.Plugin{Name: &echoPlugin{}}
)

// Echo calls the plugin, which answers what it is given.
func Echo(ctx context.Context, conn *grpc.ClientConn, in []byte) ([]byte, error) {
	var out wrapperspb.BytesValue
	err := conn.Invoke(ctx, "/bench.Plugin/Echo", wrapperspb.Bytes(in), &out)
	return out.Value, err
}

// echoPlugin is the service. What a host dispenses of it is the connection.
type echoPlugin struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer implements plugin.GRPCPlugin.
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

// GRPCClient implements plugin.GRPCPlugin.
func (*echoPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	if conn == nil {
		return nil, errors.New("no connection")
	}
	return conn, nil
}
