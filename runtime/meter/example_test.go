package meter_test

import (
	"fmt"

	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

func ExampleRewrite() {
	// One function, exported as "spin": (loop (br 0)).
	m, err := validate.Module([]byte(wasm.Preamble+"\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00"+
		"\x07\x08\x01\x04spin\x00\x00\x0a\x09\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := meter.Rewrite(m, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, _ := wasm.Decode(r.Wasm)
	fmt.Println(out.Imports[0].Module, out.Imports[0].Name)
	for _, e := range out.Exports {
		fmt.Println(e.Name, e.Kind, e.Index)
	}
	// Output:
	// vitrine:meter refuel
	// spin func 1
	// vitrine:meter.fuel global 0
	// vitrine:meter.depth global 1
}
