package examples_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/examples"
)

func Example() {
	fmt.Println(examples.Names())
	fmt.Println(examples.DataSets())
	csv, _ := examples.DataSet("elements.csv")
	fmt.Println(bytes.Count(csv, []byte("\n"))-1, "elements")
	// Output:
	// [catalog counter fractal tablelens weatherboard attendee]
	// [elements.csv rides.csv]
	// 118 elements
}

func TestManifests(t *testing.T) {
	for _, name := range examples.Names() {
		plugin, err := examples.Plugin(name)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := fs.ReadFile(plugin, abi.ManifestName)
		if err != nil {
			t.Fatal(err)
		}
		m, err := abi.ParseManifest(raw)
		if err != nil {
			t.Fatal(err)
		}
		if m.ID != name {
			t.Errorf("%s calls itself %s", name, m.ID)
		}
		if _, err := fs.Stat(plugin, m.Runtime.Wasm); (err == nil) != examples.Built(name) {
			t.Errorf("%s: Built is %v, the module says %v", name, examples.Built(name), err)
		}
	}
}

func TestNoSuchThing(t *testing.T) {
	for _, name := range []string{"", ".", "..", "counter/..", "examples"} {
		if _, err := examples.Plugin(name); err == nil {
			t.Errorf("there is a plugin %q", name)
		}
		if _, err := examples.DataSet(name); err == nil {
			t.Errorf("there is a data set %q", name)
		}
	}
}
