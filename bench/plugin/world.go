package plugin

import (
	"context"
	"errors"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// guest is an instance with its world, which is told where a call begins and ends, as a sandbox tells it.
type guest struct {
	*runtime.Instance
	env *hostfuncs.Env
}

// Call shadows that of the instance.
func (g *guest) Call(ctx context.Context, name string, in []byte) ([]byte, error) {
	g.env.Begin()
	defer g.env.End()
	out, err := g.Instance.Call(ctx, name, in)
	return out, blame(g.env, err)
}

// Invoke shadows that of the instance.
func (g *guest) Invoke(ctx context.Context, name string, args ...uint64) ([]uint64, error) {
	g.env.Begin()
	defer g.env.End()
	out, err := g.Instance.Invoke(ctx, name, args...)
	return out, blame(g.env, err)
}

// Close shadows that of the instance: what it has asked for and nobody waits for ends.
func (g *guest) Close(ctx context.Context) error {
	g.env.DropTickets()
	return g.Instance.Close(ctx)
}

// blame makes a denial of an end that came right after one, as a sandbox does.
func blame(env *hostfuncs.Env, err error) error {
	var (
		fault *runtime.Fault
		exit  *runtime.ExitError
	)
	c := env.Refused()
	if c == "" || !errors.As(err, &exit) && !(errors.As(err, &fault) && fault.Kind == runtime.FaultTrap) {
		return err
	}
	return &sandbox.DeniedError{Capability: c, Err: err}
}

// fineClock reports whether the plugin's clocks run during a call.
func (p *Plugin) fineClock() bool {
	need := abi.Need{Capability: abi.CapClock, Name: "clock:fine", Optional: true}
	return p.World != nil && p.World.Gate != nil && p.World.Gate.Permit(&need) == abi.CodeOK
}
