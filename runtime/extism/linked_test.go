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
