package abi

import "fmt"

// Code is what a host function answers where it does not answer a length: zero or one of the
// negative codes below. They are frozen; a golden test holds them.
type Code int32

// The codes. A guest can handle each of them; what is not in this list never crosses the boundary.
const (
	CodeOK          Code = 0
	CodeDenied      Code = -1  // not declared, not granted, or not allowed to this person
	CodeInvalid     Code = -2  // the arguments are malformed
	CodeLimit       Code = -3  // a limit would be passed
	CodeNotFound    Code = -4  // what was asked for is not there
	CodeUnavailable Code = -5  // not now: try again later
	CodeCanceled    Code = -6  // called off
	CodeDeadline    Code = -7  // took too long
	CodeConflict    Code = -8  // somebody else was first
	CodeUnsupported Code = -9  // this host does not have it
	CodeInternal    Code = -10 // a fault of the host
)

var codeNames = [...]string{
	"ok", "denied", "invalid", "limit", "not found", "unavailable",
	"canceled", "deadline", "conflict", "unsupported", "internal",
}

// String is the code's name, such as "denied".
func (c Code) String() string {
	if i := -int(c); i >= 0 && i < len(codeNames) {
		return codeNames[i]
	}
	return fmt.Sprintf("code(%d)", int32(c))
}

// Error makes a Code an error. CodeOK should not be used as one.
func (c Code) Error() string { return "vitrine: " + c.String() }
