// Package examples carries the example plugins and the tables that tablelens shows, so that one
// binary can demonstrate itself:
//
//   - catalog shows every component in every state.
//   - counter is the smallest plugin: one button.
//   - fractal explores the Mandelbrot and Julia sets; it computes every pixel in the guest.
//   - tablelens looks into a CSV file of tens of thousands of rows.
//   - weatherboard asks a server, keeps what the person chose, and works in a job.
//   - attendee shows one record of the application, live.
//
// A plugin's folder holds its sources, its vitrine.json, and plugin.wasm once it has been built
// (vitrine build examples/fractal, or make build). Built or not, the package compiles; [Built] says
// which it was.
//
//	plugin, _ := examples.Plugin("fractal")     // an fs.FS with vitrine.json and plugin.wasm
//	csv, _ := examples.DataSet("elements.csv")  // the periodic table
package examples

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:generate go run ../internal/datagen tablelens/data/rides.csv

// Patterns with a directory embed what is in it at the time: plugin.wasm only if it has been built.
//
//go:embed catalog counter fractal tablelens weatherboard attendee
var plugins embed.FS

// Names returns the names of the plugins.
func Names() []string {
	return []string{"catalog", "counter", "fractal", "tablelens", "weatherboard", "attendee"}
}

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

const dataDir = "tablelens/data"

// DataSets returns the names of the CSV files that come with tablelens.
func DataSets() []string {
	names, err := fs.Glob(plugins, dataDir+"/*.csv")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i := range names {
		names[i] = names[i][len(dataDir)+1:]
	}
	return names
}

// DataSet returns the contents of one of DataSets.
func DataSet(name string) ([]byte, error) {
	if !slices.Contains(DataSets(), name) {
		return nil, fmt.Errorf("examples: there is no data set %q", name)
	}
	return plugins.ReadFile(dataDir + "/" + name)
}
