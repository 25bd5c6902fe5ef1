package vitrine

import (
	"time"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Level is how much a log record matters.
type Level int32

// The levels.
const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarn
	LevelError
)

// Log writes to the host's log: a message and fields, whose values are of the types that package
// cbor knows. It needs the capability "log".
func (c *Context) Log(level Level, message string, fields map[string]any) error {
	b := cbor.AppendText(cbor.AppendArray(nil, 2), valid(message))
	b, err := cbor.Append(b, fields)
	if err != nil {
		return err
	}
	return codeError(c.host.log(int32(level), b))
}

// Now is the wall clock, in steps of a millisecond, the same during a whole call unless the host grants the
// permission "clock:fine"; the zero time if the host does not grant the
// capability "clock", which it needs.
func (c *Context) Now() time.Time {
	if ns := c.host.now(); ns >= 0 {
		return time.Unix(0, ns)
	}
	return time.Time{}
}

// Monotonic is a clock for measuring, from some moment in the past, in steps as Now has them; 0 if the host does not grant the
// capability "clock", which it needs.
func (c *Context) Monotonic() time.Duration { return time.Duration(max(0, c.host.monotonic())) }

// Random fills b with random bytes. It needs the capability "random".
func (c *Context) Random(b []byte) error { return codeError(c.host.random(b)) }

func codeError(code Code) error {
	if code < 0 {
		return code
	}
	return nil
}
