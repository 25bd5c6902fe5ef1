package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
)

// jobRunner runs compute functions of a plugin in instances beside it: with its gate, so that a right that
// ends, ends for them too, out of its ration of fuel, and on its principal's shares of the processor and of the pool.
type jobRunner struct{ s *Sandbox }

var _ hostfuncs.Jobs = jobRunner{}

// jobLimits are those of a job: its time is Policy.JobTime, and what counts the work of a call grows with it.
func (p *Plugin) jobLimits(c *Ceiling) *runtime.Limits {
	limits := p.limits
	if less := lower(c, &limits); less != nil {
		limits = *less
	}
	times := uint64(max(1, p.policy.JobTime/max(p.limits.WallTime, time.Millisecond)))
	limits.WallTime, limits.Fuel, limits.HostCalls = p.policy.JobTime, limits.Fuel*times, limits.HostCalls*times
	return &limits
}

// Run implements hostfuncs.Jobs.
func (r jobRunner) Run(ctx context.Context, function string, input []byte, progress func([]byte)) ([]byte, error) {
	p := r.s.plugin
	if strings.HasPrefix(function, abi.ReservedPrefix) || function == abi.ExportInitialize {
		return nil, abi.CodeNotFound
	}
	select {
	case p.jobs <- struct{}{}:
		defer func() { <-p.jobs }()
	default:
		return nil, fmt.Errorf("sandbox: more than %d jobs: %w", cap(p.jobs), abi.CodeLimit)
	}
	r.s.mu.Lock()
	opts := r.s.options
	r.s.mu.Unlock()
	opts.UI, opts.Post, opts.Pending, opts.Jobs, opts.Progress = nil, nil, nil, nil, progress
	env := hostfuncs.NewEnv(&opts)
	r.s.working.Store(env, nil)
	defer r.s.working.Delete(env)
	in, err := p.module.Get(ctx, &runtime.InstanceOptions{
		State: env, Principal: r.s.principal, Ration: r.s.ration, Limits: p.jobLimits(&r.s.gate.ruling.Load().limits), LiveClock: r.s.gate.fine(),
		Stdout: env.Output("stdout"), Stderr: env.Output("stderr"),
	})
	if err != nil {
		return nil, jobError(err)
	}
	defer func() { _ = in.Close(context.WithoutCancel(ctx)) }() // it is not running: closing it cannot fail
	env.Begin()
	p.tally.calls[asJob].Add(1)
	out, err := in.Call(ctx, function, input)
	env.End()
	if isDeath(err) && ctx.Err() == nil { // who calls it off, or closes the sandbox, has no fault of it
		p.tally.failed(err)
	}
	return out, jobError(err)
}

// jobError gives what ended a job a code.
func jobError(err error) error {
	var fault *runtime.Fault
	var busy *runtime.BusyError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, runtime.ErrNoFunction):
		return fmt.Errorf("%w: %w", abi.CodeNotFound, err)
	case errors.As(err, &busy):
		return fmt.Errorf("%w: %w", abi.CodeUnavailable, err)
	case errors.As(err, &fault):
		switch fault.Kind {
		case runtime.FaultDeadline:
			return fmt.Errorf("%w: %w", abi.CodeDeadline, err)
		case runtime.FaultCanceled:
			return fmt.Errorf("%w: %w", abi.CodeCanceled, err)
		case runtime.FaultFuel, runtime.FaultMemory, runtime.FaultTable, runtime.FaultStack, runtime.FaultOutput:
			return fmt.Errorf("%w: %w", abi.CodeLimit, err)
		}
	}
	return err
}
