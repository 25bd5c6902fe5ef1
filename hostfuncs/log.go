package hostfuncs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Bounds of what one record puts into the log.
const (
	maxLogMessage = 1024 // bytes
	maxLogFields  = 16
	maxLogKey     = 64  // bytes
	maxLogValue   = 256 // bytes
)

// logWrite is vitrine:log.write, which writes a record to the host's log.
//
// Parameters: the level (0 debug, 1 info, 2 warn, 3 error), the address and the length of a CBOR
// array of a text and, optionally, a map of fields. Result: CodeOK, also where the host does not
// keep records of that level; CodeInvalid if the level is none of these or the bytes are not in
// memory or not such an array; CodeLimit if the record is longer than Limits.LogRecord or too many
// came; CodeDenied.
//
// The words are the plugin's: they become values of a record whose own words are the host's, with
// line breaks and control characters escaped, long ones cut, and never more than 16 fields.
//
//	level 1, address 16, length 12: ["hi", {"n": 1}] with its fields
//	[.. 82 62 h i a1 61 n 01 ..]
func logWrite(e *Env, c *runtime.Caller, args []uint64) int64 {
	level, known := logLevel(uint32(args[0]))
	b, ok := view(c, args[1:])
	switch {
	case !ok || !known:
		return int64(abi.CodeInvalid)
	case len(b) > e.limits.LogRecord:
		return int64(abi.CodeLimit)
	}
	message, fields, ok := parseRecord(b)
	if !ok {
		return int64(abi.CodeInvalid)
	}
	return int64(e.log.plugin(level, message, fields))
}

func logLevel(n uint32) (slog.Level, bool) {
	levels := [...]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	if n >= uint32(len(levels)) {
		return 0, false
	}
	return levels[n], true
}

// parseRecord reads [message] or [message, {fields}].
func parseRecord(b []byte) (string, map[string]any, bool) {
	v, err := cbor.Unmarshal(b)
	list, ok := v.([]any)
	if err != nil || !ok || len(list) < 1 || len(list) > 2 {
		return "", nil, false
	}
	message, ok := list[0].(string)
	if !ok || len(list) == 1 {
		return message, nil, ok
	}
	fields, ok := list[1].(map[string]any)
	return message, fields, ok
}

// recordLog is where the words of one plugin go: bounded in number by a bucket that fills again.
type recordLog struct {
	logger *slog.Logger
	now    func() time.Time
	rate   float64 // records a second
	burst  float64
	left   float64
	filled time.Time
	lost   int // records dropped since the last that was written
}

func newRecordLog(logger *slog.Logger, plugin string, l Limits, now func() time.Time) recordLog {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if plugin != "" {
		logger = logger.With("plugin", plugin)
	}
	burst := float64(l.LogBurst)
	return recordLog{logger: logger, now: now, rate: float64(l.LogRate), burst: burst, left: burst, filled: now()}
}

// admit takes one record from the bucket.
func (l *recordLog) admit() bool {
	now := l.now()
	l.left = min(l.burst, l.left+now.Sub(l.filled).Seconds()*l.rate)
	l.filled = now
	if l.left < 1 {
		l.lost++
		return false
	}
	l.left--
	return true
}

// plugin writes a record of the plugin's: its words are values of a record of the host's.
func (l *recordLog) plugin(level slog.Level, message string, fields map[string]any) abi.Code {
	attrs := []slog.Attr{slog.String("message", printable(message, maxLogMessage))}
	if len(fields) > 0 {
		attrs = append(attrs, slog.Attr{Key: "fields", Value: slog.GroupValue(fieldAttrs(fields)...)})
	}
	return l.write(level, "plugin log", attrs...)
}

func (l *recordLog) write(level slog.Level, msg string, attrs ...slog.Attr) abi.Code {
	ctx := context.Background() // a record is not part of the call: it must not be lost with it
	if !l.logger.Enabled(ctx, level) {
		return abi.CodeOK
	}
	if !l.admit() {
		return abi.CodeLimit
	}
	if l.lost > 0 {
		attrs = append(attrs, slog.Int("lost", l.lost))
		l.lost = 0
	}
	l.logger.LogAttrs(ctx, level, msg, attrs...)
	return abi.CodeOK
}

// Report writes a record of the host's own about what the plugin did wrong, such as a tree that was
// refused. It is counted with the plugin's records, so that doing wrong does not flood the log.
func (e *Env) Report(what string, err error) {
	e.log.write(slog.LevelWarn, what, slog.String("error", printable(err.Error(), maxLogMessage)))
}

// fieldAttrs turns fields into attributes, in the order of their names.
func fieldAttrs(fields map[string]any) []slog.Attr {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	attrs := make([]slog.Attr, 0, maxLogFields+1)
	for _, k := range keys {
		if len(attrs) == maxLogFields {
			attrs = append(attrs, slog.Int("more", len(keys)-maxLogFields))
			break
		}
		attrs = append(attrs, slog.Attr{Key: printable(k, maxLogKey), Value: fieldValue(fields[k])})
	}
	return attrs
}

func fieldValue(v any) slog.Value {
	switch v := v.(type) {
	case bool:
		return slog.BoolValue(v)
	case int64:
		return slog.Int64Value(v)
	case uint64:
		return slog.Uint64Value(v)
	case float64:
		// As text: JSON has neither NaN nor infinities, and a handler may give up on them.
		return slog.StringValue(strconv.FormatFloat(v, 'g', -1, 64))
	case string:
		return slog.StringValue(printable(v, maxLogValue))
	}
	return slog.StringValue(printable(fmt.Sprint(v), maxLogValue))
}

// printable escapes what does not print and cuts what is longer than most bytes, so that a plugin's
// words can neither begin a line of their own nor steer a terminal.
func printable(s string, most int) string {
	const cut = "..."
	out := make([]byte, 0, min(len(s), most))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		before := len(out)
		if unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			out = append(out, s[i:i+n]...)
		} else {
			quoted := strconv.QuoteToASCII(s[i : i+n])
			out = append(out, quoted[1:len(quoted)-1]...)
		}
		i += n
		if len(out) > most || len(out) > most-len(cut) && i < len(s) {
			return string(append(out[:before], cut...))
		}
	}
	return string(out)
}
