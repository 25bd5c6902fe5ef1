// Package examples carries the example plugins, so that one binary can demonstrate itself:
//
//   - counter is the smallest plugin: one button.
//   - fractal explores the Mandelbrot and Julia sets; it computes every pixel in the guest.
//
// A plugin's folder holds its sources, its vitrine.json, and plugin.wasm once it has been built
// (vitrine build examples/fractal, or make build). Built or not, the package compiles; [Built] says
// which it was.
//
//	plugin, _ := examples.Plugin("fractal")     // an fs.FS with vitrine.json and plugin.wasm
package examples

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

// Patterns with a directory embed what is in it at the time: plugin.wasm only if it has been built.
//
//go:embed counter fractal
var plugins embed.FS

// Names returns the names of the plugins.
func Names() []string { return []string{"counter", "fractal"} }

// Plugin returns the folder of a plugin.
func Plugin(name string) (fs.FS, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("examples: there is no plugin %q", name)
	}
	return fs.Sub(plugins, name)
}

// Built reports whether the plugin's module was built before this binary was.
func Built(name string) bool {
	_, err := fs.Stat(plugins, name+"/plugin.wasm")
	return err == nil
}
