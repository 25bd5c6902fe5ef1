// Command hashicorp is the plugin of the system hashicorp, with nothing in it but HashiCorp's go-plugin and the service.
package main

import (
	"github.com/hashicorp/go-plugin"

	"github.com/vitrine-run/vitrine/bench/peers/plugins/service"
)

func main() {
	plugin.Serve(&plugin.ServeConfig{HandshakeConfig: service.Handshake, Plugins: service.Plugins, GRPCServer: plugin.DefaultGRPCServer})
}
