package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// commandLine makes a sandbox of one of the command line's guests, which declares random.
func commandLine(t *testing.T, guest string, opts *sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	wasm, err := os.ReadFile("../cmd/vitrine/testdata/guests/" + guest + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	p, err := sandbox.Load(context.Background(), newRuntime(t), folder(`"random"`, wasm), patient(nil))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

// A denial is the reason of an end only if nothing else was answered in between.
func TestDeniedErrorIsForWhatEndsForThatReason(t *testing.T) {
	for fn, want := range map[string]abi.Capability{
		"traps": abi.CapRandom, "exits": abi.CapRandom, "traps_later": "", "exits_later": "", "says_so": "", "says_else": "",
	} {
		_, err := commandLine(t, "refused", nil).Call(context.Background(), fn, nil)
		var denied *sandbox.DeniedError
		if err == nil || errors.As(err, &denied) != (want != "") || denied != nil && denied.Capability != want {
			t.Errorf("%s: %v, want it to be denied %q", fn, err, want)
		}
		var fault *runtime.Fault
		var exit *runtime.ExitError
		if want != "" && !errors.As(err, &fault) && !errors.As(err, &exit) {
			t.Errorf("%s: %v hides how it ended", fn, err)
		}
	}
}

func TestOutputCanGoElsewhere(t *testing.T) {
	var stdout, stderr bytes.Buffer
	s := commandLine(t, "talks", &sandbox.Options{Stdout: &stdout, Stderr: &stderr})
	if _, err := s.Call(context.Background(), "talk", nil); err != nil {
		t.Fatal(err)
	}
	if stdout.String() != "out\n" || stderr.String() != "err\xff" {
		t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
	}
}
