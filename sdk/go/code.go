package vitrine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// Code is why a host function did not do what it was asked; it is an error.
type Code = abi.Code

// The codes.
const (
	Denied      = abi.CodeDenied
	Invalid     = abi.CodeInvalid
	Limit       = abi.CodeLimit
	NotFound    = abi.CodeNotFound
	Unavailable = abi.CodeUnavailable
	Canceled    = abi.CodeCanceled
	Deadline    = abi.CodeDeadline
	Conflict    = abi.CodeConflict
	Unsupported = abi.CodeUnsupported
	Internal    = abi.CodeInternal
)

// Error is an error of the plugin's own with a code for whoever called it.
type Error struct {
	Code    Code
	Message string
}

// Error is the message alone; the host shows the code beside it.
func (e *Error) Error() string { return e.Message }

// Unwrap is the code, so that errors.Is(err, vitrine.Invalid) holds.
func (e *Error) Unwrap() error { return e.Code }

// Errorf makes an Error.
func Errorf(code Code, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// maxMessage is how many bytes of a message cross to the host, which ends a plugin whose failure is
// longer than it takes (4 KiB).
const maxMessage = 2000

// failure is err as it crosses to the host. An error that has no code says Invalid: most often the
// input is what was wrong.
func failure(err error) abi.GuestFailure {
	message := valid(err.Error())
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "..."
	}
	f := abi.GuestFailure{Code: Invalid, Message: message}
	var code Code
	if errors.As(err, &code) && code < 0 {
		f.Code = code
	}
	return f
}

// attempt calls do and makes a panic an error.
func attempt(do func() ([]byte, error)) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, &Error{Internal, fmt.Sprint("panic: ", p)}
		}
	}()
	return do()
}
