package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/examples"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// exampleLimits are wider than the defaults: a table of many rows is kept and sorted in the plugin.
func exampleLimits() *runtime.Limits {
	return &runtime.Limits{Memory: 256 << 20, WallTime: 5 * time.Second}
}

// addExamples adds the plugins that are built into this program, with what they ask for.
func (s *shelf) addExamples(ctx context.Context) error {
	for _, name := range examples.Names() {
		if !examples.Built(name) {
			return &exitError{exitUsage, fmt.Errorf("the example %q is not built into this program", name),
				"run make run, which builds them"}
		}
		pkg, err := examples.Plugin(name)
		if err != nil {
			return err
		}
		plugin, err := s.load(ctx, pkg, exampleLimits())
		if err != nil {
			return pluginError("examples/"+name, err)
		}
		s.places[name] = demoPlace(name, plugin)
		if err := s.addSets(name, plugin, pkg); err != nil {
			return err
		}
	}
	return nil
}

// dataSet is a place that shows a plugin with a file of data, as the demo's page hears of it.
type dataSet struct {
	Place  string `json:"place"`
	Plugin string `json:"plugin"`
	Title  string `json:"title"`
	csv    []byte
}

// addSets adds a place for each file of data in an example's folder, the largest first. The
// plugin's own place shows that one too.
func (s *shelf) addSets(name string, plugin *sandbox.Plugin, pkg fs.FS) error {
	files, err := fs.Glob(pkg, "data/*.csv")
	if err != nil || len(files) == 0 {
		return err
	}
	var sets []dataSet
	for _, file := range files {
		csv, err := fs.ReadFile(pkg, file)
		if err != nil {
			return err
		}
		title := strings.TrimSuffix(path.Base(file), ".csv")
		sets = append(sets, dataSet{name + "-" + title, name, title, csv})
	}
	slices.SortFunc(sets, func(a, b dataSet) int { return len(b.csv) - len(a.csv) })
	for i, set := range sets {
		place := host.Place{
			Plugin: plugin, Grants: plugin.Manifest().Capabilities,
			Props: map[string]any{"name": set.Title + ".csv", "csv": set.csv},
		}
		s.places[set.Place] = place
		if i == 0 {
			s.places[name] = place
		}
	}
	s.sets = append(s.sets, sets...)
	return nil
}

// dataSets answers GET /demo/places: the places with data, the one shown at first at the top.
func dataSets(s *shelf) http.Handler {
	list, err := json.Marshal(s.sets)
	if err != nil {
		panic(err) // strings do not fail
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(list) // who asked may have gone
	})
}
