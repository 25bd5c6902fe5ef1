package extism_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/runtime/extism/extismtest"
)

func ExampleCompile() {
	ctx := context.Background()
	dir, err := extismtest.Dir()
	if err != nil {
		fmt.Println(err)
		return
	}
	code, _ := os.ReadFile(filepath.Join(dir, "config.wasm"))
	plugin, err := extism.Compile(ctx, code, &extism.Options{Limits: &runtime.Limits{Fuel: 10_000_000}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer plugin.Close(ctx)
	in, err := plugin.Instantiate(ctx, &extism.InstanceOptions{Config: map[string]string{"thing": "a vase"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := in.Call(ctx, "run_test", nil)
	fmt.Println(string(out), err)
	// Output: {"config": "a vase"} <nil>
}
