package metering_test

import (
	"context"
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/bench/metering"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

// BenchmarkRewrite validates and rewrites real programs: 50 MB/s are wanted.
func BenchmarkRewrite(b *testing.B) {
	run := func(name string, code []byte) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(code)))
			b.ReportAllocs()
			for b.Loop() {
				m, err := validate.Module(code, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := meter.Rewrite(m, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if code, err := os.ReadFile("kernels/js/node_modules/quickjs-wasi/quickjs.wasm"); err == nil {
		run("quickjs", code)
	}
	list, err := metering.Go(context.Background(), ".")
	if err != nil {
		b.Fatal(err)
	}
	run("go", list[0].Wasm)
}
