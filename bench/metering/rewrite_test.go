package metering

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/vitrine-run/vitrine/runtime/meter"
	"github.com/vitrine-run/vitrine/runtime/validate"
)

// BenchmarkRewrite validates and rewrites real programs: 50 MB/s are wanted, and less than 10 % of what
// compiling what comes of it takes. Both are processor time of one thread. REWRITE names more files.
func BenchmarkRewrite(b *testing.B) {
	list, err := Go(context.Background(), ".")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("go", func(b *testing.B) { benchRewrite(b, list[0].Wasm) })
	files := append(filepath.SplitList(os.Getenv("REWRITE")), "kernels/js/node_modules/quickjs-wasi/quickjs.wasm")
	for _, pattern := range []string{"programs/*/*.wasm", "kernels/rust/*.wasm"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if code, err := os.ReadFile(file); err == nil && len(code) > 20_000 {
			b.Run(filepath.Base(file), func(b *testing.B) { benchRewrite(b, code) })
		}
	}
}

func benchRewrite(b *testing.B, code []byte) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	both := func() []byte {
		m, err := validate.Module(code, nil)
		if err != nil {
			b.Fatal(err)
		}
		r, err := meter.Rewrite(m, nil)
		if err != nil {
			b.Fatal(err)
		}
		return r.Wasm
	}
	b.ReportAllocs()
	best := time.Hour
	for b.Loop() {
		began := clock()
		both()
		best = min(best, clock()-began)
	}
	b.ReportMetric(float64(len(code))/best.Seconds()/1e6, "MB/s")
	b.ReportMetric(100*best.Seconds()/compileTime(b, both()).Seconds(), "%-of-compile")
}

func compileTime(b *testing.B, code []byte) time.Duration {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	defer rt.Close(ctx)
	began := clock()
	if _, err := rt.CompileModule(ctx, code); err != nil {
		b.Fatal(err)
	}
	return clock() - began
}
