package runtime_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

// goGuest builds testdata/goguest.
func goGuest(t *testing.T) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	out := filepath.Join(t.TempDir(), "guest.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	build.Dir = "testdata/goguest"
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	code, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestGoGuest(t *testing.T) {
	code := goGuest(t)
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		if opts.Engine == engine.Interpreter {
			t.Skip("takes long, and is the same code but for the loop")
		}
		m, err := newRuntime(t, opts).Compile(context.Background(), code, &runtime.Limits{WallTime: time.Minute, Memory: 32 << 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes, compiled in %v", len(code), m.CompileTime())
		var log bytes.Buffer
		call := func(fn, in string) (string, error) {
			inst := instantiate(t, m, &runtime.InstanceOptions{Stderr: &log, Stdout: &log})
			out, err := inst.Call(context.Background(), fn, []byte(in))
			return string(out), err
		}
		if out, err := call("greet", "world"); err != nil || out != "hello world" {
			t.Errorf("greet: %q, %v", out, err)
		}
		if out, err := call("nap", "xx"); err != nil || !strings.HasPrefix(out, "2") {
			t.Errorf("nap of 2 ms: %q, %v", out, err)
		}
		if out, err := call("look", ""); err != nil || !strings.HasPrefix(out, "0 0 ") || strings.HasSuffix(out, "<nil>") {
			t.Errorf("look: %q, %v", out, err)
		}
		_, err = call("nap", "")
		wantFault(t, err, runtime.FaultDeadline, runtime.LimitWallTime)
		_, err = call("hoard", "")
		wantFault(t, err, runtime.FaultMemory, runtime.LimitMemory)
		_, err = call("throw", "")
		wantFault(t, err, runtime.FaultTrap, "")
		if !strings.Contains(log.String(), "thrown on purpose") {
			t.Errorf("the log has nothing of the panic: %q", log.String())
		}
	})
}
