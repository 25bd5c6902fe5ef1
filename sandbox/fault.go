package sandbox

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// Fault is why a sandbox is dead. Text is for the person: short, plain, without anything of the
// host's; only that of a plugin that cannot be mounted has its own words in it, escaped and bounded.
type Fault struct {
	Text string
	Err  error // what is behind it: a *runtime.Fault, *runtime.ExitError, *runtime.GuestError or abi.ErrMalformed
}

// Error is for the log.
func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap is Err.
func (f *Fault) Unwrap() error { return f.Err }

// A DeniedError says that a plugin ended itself right after it had been denied a capability: no other
// host function answered in between.
type DeniedError struct {
	Capability abi.Capability
	Err        error // a *runtime.Fault of kind FaultTrap or a *runtime.ExitError
}

// Error is that of Err, with the reason.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("%v (it was denied %q)", e.Err, string(e.Capability))
}

// Unwrap is Err.
func (e *DeniedError) Unwrap() error { return e.Err }

// maxFaultWords is how much a plugin may say about its own failure, in bytes.
const maxFaultWords = 500

// explain says for a person why the plugin is dead.
func (p *Plugin) explain(err error) string {
	var guest *runtime.GuestError
	var fault *runtime.Fault
	var denied *DeniedError
	var first unshown
	switch {
	case errors.As(err, &denied):
		return "The plugin was not allowed to do what it needs."
	case errors.Is(err, errPanic):
		return "The plugin cannot be shown here."
	case errors.As(err, &guest):
		return "The plugin could not start: " + words(err)
	case errors.As(err, &first):
		return cannotShow(first.error)
	case errors.As(err, &fault):
		return p.explainFault(fault)
	}
	return "The plugin crashed."
}

func (p *Plugin) explainFault(f *runtime.Fault) string {
	if f.Limit == runtime.LimitQueue {
		return "The server is too busy to run the plugin."
	}
	switch f.Kind {
	case runtime.FaultDeadline:
		return fmt.Sprintf("The plugin ran out of time (%v).", p.limits.WallTime)
	case runtime.FaultFuel:
		if f.Limit == runtime.LimitFuelRate {
			return "The plugin did more than it may for the time being."
		}
		return "The plugin did more than it may in one go."
	case runtime.FaultMemory:
		return fmt.Sprintf("The plugin ran out of memory (%d MB).", p.limits.Memory>>20)
	case runtime.FaultTable, runtime.FaultStack, runtime.FaultOutput:
		return fmt.Sprintf("The plugin passed a limit (%s).", f.Kind)
	case runtime.FaultDenied:
		return "The plugin was not allowed to do what it needs."
	case runtime.FaultCanceled:
		return "The plugin was stopped."
	case runtime.FaultInvalid:
		return "The plugin is not built correctly."
	case runtime.FaultError:
		return "The plugin cannot be run here."
	}
	return "The plugin crashed."
}

// cut shortens s to at most most bytes, between two characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most - len("...")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}
