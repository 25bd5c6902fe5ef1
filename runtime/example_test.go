package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/vitrine-run/vitrine/runtime"
)

func ExampleNew() {
	rt, err := runtime.New(&runtime.Options{HostFuncs: []runtime.HostFunc{{
		Module: "shop:orders", Name: "count", Results: []runtime.ValueType{runtime.I32},
		Call: func(_ *runtime.Caller, stack []uint64) { stack[0] = 3 },
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close(context.Background())
	fmt.Println(rt.Engine())
	// Output: wazero
}

func ExampleRuntime_Compile() {
	ctx := context.Background()
	rt, _ := runtime.New(nil)
	defer rt.Close(ctx)
	code, _ := os.ReadFile("testdata/host.wasm")
	_, err := rt.Compile(ctx, code, &runtime.Limits{Memory: 1 << 20})
	var invalid *runtime.InvalidError
	fmt.Println(errors.As(err, &invalid), err)
	// Output: true runtime: invalid module: import test:host.mix does not exist
}

func ExampleModule_Instantiate() {
	ctx := context.Background()
	rt, _ := runtime.New(nil)
	defer rt.Close(ctx)
	code, _ := os.ReadFile("testdata/numbers.wasm")
	mod, err := rt.Compile(ctx, code, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := mod.Instantiate(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer in.Close(ctx)
	fmt.Println(in.Invoke(ctx, "fib", 20))
	// Output: [6765] <nil>
}

func ExampleInstance_Call() {
	ctx := context.Background()
	rt, _ := runtime.New(nil)
	defer rt.Close(ctx)
	code, _ := os.ReadFile("testdata/abi.wasm")
	mod, _ := rt.Compile(ctx, code, nil)
	in, _ := mod.Instantiate(ctx, nil)

	out, err := in.Call(ctx, "echo", []byte("hello"))
	fmt.Printf("%s %v\n", out, err)

	_, err = in.Call(ctx, "refuse", nil)
	var no *runtime.GuestError
	fmt.Println(errors.As(err, &no), int(no.Code), no.Message)
	// Output:
	// hello <nil>
	// true -4 no such order
}

// Plugins have a Runtime each, and share the processor.
func ExampleNewScheduler() {
	ctx := context.Background()
	sched, _ := runtime.NewScheduler(&runtime.SchedulerOptions{Guests: 2})
	code, _ := os.ReadFile("testdata/numbers.wasm")
	for _, who := range []string{"ada", "grace"} {
		rt, _ := runtime.New(&runtime.Options{Scheduler: sched})
		defer rt.Close(ctx)
		mod, _ := rt.Compile(ctx, code, nil)
		in, _ := mod.Instantiate(ctx, &runtime.InstanceOptions{Principal: who})
		fmt.Println(in.Invoke(ctx, "fib", 20))
	}
	fmt.Println(sched.Load())
	// Output:
	// [6765] <nil>
	// [6765] <nil>
	// 0 0
}

func ExampleInspect() {
	code, _ := os.ReadFile("testdata/host.wasm")
	info, err := runtime.Inspect(code)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, im := range info.Imports {
		fmt.Printf("%s.%s %s\n", im.Module, im.Name, runtime.Signature(im.Params, im.Results))
	}
	// Output:
	// test:host.mix (i32, i64, f32, f64) -> (f64)
	// test:host.touch (i32, i32) -> (i32)
	// test:host.stop (i32) -> ()
}

func ExampleModule_Get() {
	ctx := context.Background()
	rt, _ := runtime.New(nil)
	defer rt.Close(ctx)
	code, _ := os.ReadFile("testdata/abi.wasm")
	mod, err := rt.Compile(ctx, code, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, who := range []string{"ann", "bob"} {
		in, err := mod.Get(ctx, &runtime.InstanceOptions{Principal: who})
		if err != nil {
			fmt.Println(err)
			return
		}
		out, err := in.Call(ctx, "count", nil) // counts the calls in a global
		fmt.Println(who, out, err)
		in.Close(ctx)
	}
	// Output:
	// ann [1] <nil>
	// bob [1] <nil>
}
