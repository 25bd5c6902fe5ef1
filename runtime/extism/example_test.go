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

// A host that calls a plugin for each request gives none of them what another has left.
func ExamplePlugin_Get() {
	ctx := context.Background()
	dir, err := extismtest.Dir()
	if err != nil {
		fmt.Println(err)
		return
	}
	code, _ := os.ReadFile(filepath.Join(dir, "count_vowels.wasm"))
	plugin, err := extism.Compile(ctx, code, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer plugin.Close(ctx)
	for _, request := range []string{"hello", "hello world"} {
		in, err := plugin.Get(ctx, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		out, err := in.Call(ctx, "count_vowels", []byte(request))
		fmt.Println(string(out), err)
		_ = in.Close(ctx) // back into the pool
	}
	// Output:
	// {"count":2,"total":2,"vowels":"aeiouAEIOU"} <nil>
	// {"count":3,"total":3,"vowels":"aeiouAEIOU"} <nil>
}
