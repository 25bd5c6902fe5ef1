package extism_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// TestLinkedModulesStartInOrder wants a module that calls another one as it starts to find it started.
func TestLinkedModulesStartInOrder(t *testing.T) {
	ctx := context.Background()
	p, err := extism.Compile(ctx, assembled(t, "asks"), &extism.Options{Modules: map[string][]byte{
		"early": assembled(t, "early"), "late": assembled(t, "late")}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	for range 20 {
		in, err := p.Instantiate(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		var answer *extism.Error
		if _, err := in.Call(ctx, "run", nil); !errors.As(err, &answer) || answer.Code != 42 {
			t.Fatalf("got %v, want code 42", err)
		}
		in.Close(ctx)
	}
}

// TestLinkedModuleThatCallsItself wants a module that cannot have started to be a fault of the plugin's.
func TestLinkedModuleThatCallsItself(t *testing.T) {
	ctx := context.Background()
	code := assembled(t, "early")
	p, err := extism.Compile(ctx, code, &extism.Options{Modules: map[string][]byte{"late": code}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	_, err = p.Instantiate(ctx, nil)
	var fault *runtime.Fault
	if !errors.As(err, &fault) || fault.Kind != runtime.FaultTrap || !strings.Contains(err.Error(), "has not started") {
		t.Errorf("got %v", err)
	}
}

// What a plugin may write during a call is one allowance, however many calls of linked modules that is.
func TestLinkedModulesShareWhatMayBeWritten(t *testing.T) {
	ctx := context.Background()
	p, err := extism.Compile(ctx, assembled(t, "talks"), &extism.Options{
		Limits: &runtime.Limits{LogBytes: 80}, Modules: map[string][]byte{"talker": assembled(t, "talker")}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(ctx)
	var out strings.Builder
	in, err := p.Instantiate(ctx, &extism.InstanceOptions{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2; n++ {
		if _, err := in.Call(ctx, "run", nil); err != nil {
			t.Fatal(err)
		}
		if out.Len() != n*80 || !in.Stats().StdoutCut {
			t.Errorf("%d bytes after %d calls of 80, cut %v", out.Len(), n, in.Stats().StdoutCut)
		}
	}
}
