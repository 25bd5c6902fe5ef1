package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/vitrine-run/vitrine/abi"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (versionCmd) Help() string { return "Example: vitrine version --json" }

// versions are what a bug report needs.
type versions struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Wazero  string `json:"wazero"`
	ABI     int    `json:"abi"`
}

func (c versionCmd) Run(e *env) error {
	v := buildVersions()
	if c.JSON {
		return e.print(v)
	}
	_, err := fmt.Fprintf(e.stdout, "vitrine %s\ngo      %s\nwazero  %s\nabi     %d\n", v.Version, v.Go, v.Wazero, v.ABI)
	return err
}

func buildVersions() versions {
	v := versions{Version: "unknown", Go: runtime.Version(), Wazero: "unknown", ABI: abi.Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	for _, dep := range info.Deps {
		if dep.Path == "github.com/tetratelabs/wazero" {
			v.Wazero = dep.Version
		}
	}
	return v
}

// printJSON prints one object a line; text stays as it is, for people read it too.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
