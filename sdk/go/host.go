package vitrine

import (
	"time"

	"github.com/vitrine-run/vitrine/abi/cbor"
)

// Level is how much a log record matters, with the numbers of log/slog.
type Level int32

// The levels.
const (
	LevelDebug Level = -4
	LevelInfo  Level = 0
	LevelWarn  Level = 4
	LevelError Level = 8
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

// Now is the wall clock, coarse to about a millisecond. It needs the capability "clock"; without it
// time.Now stands still during a call.
func (c *Context) Now() time.Time { return time.Unix(0, c.host.now()) }

// Monotonic is a clock for measuring, from an arbitrary beginning. It needs the capability "clock".
func (c *Context) Monotonic() time.Duration { return time.Duration(c.host.monotonic()) }

// Random fills b with random bytes. It needs the capability "random".
func (c *Context) Random(b []byte) error { return codeError(c.host.random(b)) }

func codeError(code Code) error {
	if code < 0 {
		return code
	}
	return nil
}
