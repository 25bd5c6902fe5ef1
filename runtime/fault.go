package runtime

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

// ErrClosed is what a closed Runtime, Module or Instance answers.
var ErrClosed = errors.New("runtime: closed")

// ErrBusy is the answer to a call of an instance that is in another one: from a second
// goroutine, or from a host function of the first call.
var ErrBusy = errors.New("runtime: instance is in a call")

// ErrNoFunction is the answer to a call of what is not exported, or is of another type.
var ErrNoFunction = errors.New("runtime: no such function")

// FaultKind says in one word what ended a guest. The words are those of the command
// line's "status".
type FaultKind string

// The kinds of faults.
const (
	FaultTrap     FaultKind = "trap"     // the guest broke, by itself
	FaultFuel     FaultKind = "fuel"     // it did more than its budget of work or of host calls
	FaultDeadline FaultKind = "deadline" // it took too long
	FaultMemory   FaultKind = "memory"   // it wanted more memory than allowed, and broke
	FaultTable    FaultKind = "table"    // likewise a table
	FaultStack    FaultKind = "stack"    // it called too deeply
	FaultDenied   FaultKind = "denied"   // a host function ended it for lack of a right
	FaultOutput   FaultKind = "output"   // its answer was too long, or not in its memory
	FaultCanceled FaultKind = "canceled" // the host called it off, or closed it
	FaultInvalid  FaultKind = "invalid"  // it is not what it claims: an export of the wrong kind
	FaultError    FaultKind = "error"    // host code failed below it
)

// A Fault ended a call, and with it the instance: it refuses further calls with the
// same Fault. errors.Is finds context.DeadlineExceeded in a deadline and
// context.Canceled in a cancellation, with ErrClosed if the host closed it.
type Fault struct {
	Kind    FaultKind
	Limit   string // the name of the limit that was hit, or ""
	Func    string // the export that was called
	Message string // at most 2 KB, printable; may hold the guest's words
	Err     error  // what is behind it, or nil
}

func (f *Fault) Error() string {
	return fmt.Sprintf("runtime: func[%s]: %s: %s", printable(f.Func, maxName), f.Kind, f.Message)
}

func (f *Fault) Unwrap() error { return f.Err }

// A GuestError is a plugin's own answer that it could not do what was asked. It is not
// a fault: the instance goes on.
type GuestError struct {
	Func    string
	Code    abi.Code
	Message string // at most 4 KB, printable, in the guest's words
}

func (e *GuestError) Error() string {
	return fmt.Sprintf("runtime: func[%s]: plugin: %s (%v)", printable(e.Func, maxName), e.Message, e.Code.String())
}

// Unwrap makes errors.Is find the code.
func (e *GuestError) Unwrap() error { return e.Code }

// An ExitError says that a guest ended itself with proc_exit. Run turns code 0 into
// success; an instance that exited never serves again, whatever the code.
type ExitError struct {
	Func string
	Code uint32
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("runtime: func[%s]: exit code %d", printable(e.Func, maxName), e.Code)
}

// A BusyError says that the host runs so many guests that this one did not get its turn
// in time, or that it has used up its Ration. It is not the fault of what was called: if the call had not begun, the instance goes on;
// else a *Fault has this behind it. errors.Is finds context.DeadlineExceeded.
type BusyError struct {
	Func   string
	Waited time.Duration // 0: there were too many in the queue already
	Limit  string        // of what there is not enough: LimitPoolInstances and the like, LimitFuelRate, or "" if it is the processor
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("runtime: func[%s]: %s", printable(e.Func, maxName), e.reason())
}

func (e *BusyError) reason() string {
	what := "a turn"
	if e.Limit == LimitFuelRate {
		return fmt.Sprintf("used more fuel than it may in the long run (%s): waited %v for more", e.Limit, e.Waited)
	}
	if e.Limit != "" {
		what = "an instance (" + e.Limit + ")"
	}
	if e.Waited == 0 {
		return "the host is too busy: too many wait for " + what
	}
	return fmt.Sprintf("the host is too busy: waited %v for %s", e.Waited, what)
}

// Is makes it the passing of a deadline, which is that of the queue.
func (e *BusyError) Is(target error) bool { return target == context.DeadlineExceeded }

// An InvalidError says why a module is refused.
type InvalidError struct {
	Offset int64  // where in the module, -1 if at no place in particular
	Limit  string // the name of the limit that it is over before it runs, or ""
	Import string // the import that is refused as "module.name", or ""
	Reason string // printable, bounded
	Err    error  // what is behind it, or nil
}

func (e *InvalidError) Error() string {
	if e.Offset > 0 {
		return fmt.Sprintf("runtime: invalid module: offset %d: %s", e.Offset, e.Reason)
	}
	return "runtime: invalid module: " + e.Reason
}

func (e *InvalidError) Unwrap() error { return e.Err }

func invalid(format string, args ...any) *InvalidError {
	return &InvalidError{Offset: -1, Reason: printable(fmt.Sprintf(format, args...), maxMessage)}
}

func overLimit(limit, format string, args ...any) *InvalidError {
	e := invalid(format, args...)
	e.Limit = limit
	return e
}

const (
	maxMessage = 2048 // bytes of a fault's message
	maxName    = 128  // bytes of a guest's name inside a message
)

// printable escapes what does not print and cuts what is longer than max bytes: the
// text may be the attacker's, and it ends in logs, terminals and pages.
func printable(s string, max int) string {
	out := make([]byte, 0, min(len(s), max))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		from := len(out)
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			out = append(out, s[i:i+n]...)
		default:
			q := strconv.QuoteRuneToASCII(r)
			out = append(out, q[1:len(q)-1]...)
		}
		if len(out) > max-len(ellipsis) && (len(out) > max || i+n < len(s)) {
			return string(append(out[:from], ellipsis...))
		}
		i += n
	}
	return string(out)
}

const ellipsis = "..."
