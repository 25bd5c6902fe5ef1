package abi

import "fmt"

// MaxPageValue is how many bytes of JSON a page may say as props, and as the answer to a call; a call's input is as long at most.
const MaxPageValue = 64 << 10

// MaxCallbackName is how many bytes the name of a callback may have.
const MaxCallbackName = 64

// Props are what the page sets of a plugin's props: an object of JSON, in place of what it set before. Number counts from 1 for each
// mount; those that come with MOUNT have number 0.
//
//	4b · mount · number · length · JSON
type Props struct {
	Mount, Number uint32
	Value         []byte // at most MaxPageValue; aliases the frame when parsed. ParseJSON reads it
}

// Append appends the frame.
func (m *Props) Append(b []byte) []byte {
	return appendText(appendFrame(b, FrameProps, uint64(m.Mount), uint64(m.Number)), string(m.Value))
}

// Parse is the reverse of Append.
func (m *Props) Parse(frame []byte) error {
	r := frameReader(frame, FrameProps)
	q := Props{Mount: r.mount(), Number: r.ordinal("number")}
	q.Value = r.text("props", MaxPageValue)
	return store(m, q, &r)
}

// PageCall asks the page to call one of its functions for the plugin. Call counts from 1 for each mount; a page calls for each number
// once.
//
//	0c · mount · call · length · name · length · JSON
type PageCall struct {
	Mount, Call uint32
	Name        string // at most MaxCallbackName
	Input       []byte // the input, at most MaxPageValue; aliases the frame when parsed
}

// Append appends the frame.
func (m *PageCall) Append(b []byte) []byte {
	b = appendText(appendFrame(b, FramePageCall, uint64(m.Mount), uint64(m.Call)), m.Name)
	return appendText(b, string(m.Input))
}

// Parse is the reverse of Append.
func (m *PageCall) Parse(frame []byte) error {
	r := frameReader(frame, FramePageCall)
	q := PageCall{Mount: r.mount(), Call: r.ordinal("call"), Name: string(r.text("name", MaxCallbackName))}
	q.Input = r.text("input", MaxPageValue)
	return store(m, q, &r)
}

// PageAnswer is what a function of the page answered to a PageCall, or why it did not.
//
//	4c · mount · call · 0 · length · JSON          or          4c · mount · call · -code
type PageAnswer struct {
	Mount, Call uint32
	Code        Code   // CodeOK, or why there is no answer
	Output      []byte // with CodeOK: at most MaxPageValue; aliases the frame when parsed
}

// Append appends the frame.
func (m *PageAnswer) Append(b []byte) []byte {
	b = appendFrame(b, FramePageAnswer, uint64(m.Mount), uint64(m.Call), uint64(-m.Code))
	if m.Code != CodeOK {
		return b
	}
	return appendText(b, string(m.Output))
}

// Parse is the reverse of Append.
func (m *PageAnswer) Parse(frame []byte) error {
	r := frameReader(frame, FramePageAnswer)
	q := PageAnswer{Mount: r.mount(), Call: r.ordinal("call"), Code: -Code(r.number("code", uint64(-CodeInternal)))}
	if q.Code == CodeOK {
		q.Output = r.text("answer", MaxPageValue)
	}
	return store(m, q, &r)
}

// Refused says that props of the page were not taken: what the plugin sees is what it was before.
//
//	0d · mount · number · -code · length · text
type Refused struct {
	Mount, Number uint32 // of the PROPS, 0: those of MOUNT
	Code          Code   // CodeDenied, CodeInvalid or CodeLimit
	Text          string // for developers, at most MaxFaultText bytes
}

// Append appends the frame. A text that is too long is cut.
func (m *Refused) Append(b []byte) []byte {
	return appendText(appendFrame(b, FrameRefused, uint64(m.Mount), uint64(m.Number), uint64(-m.Code)), faultText(m.Text))
}

// Parse is the reverse of Append.
func (m *Refused) Parse(frame []byte) error {
	r := frameReader(frame, FrameRefused)
	q := Refused{Mount: r.mount(), Number: r.uint32("number"), Code: -Code(r.number("code", uint64(-CodeInternal)))}
	if q.Code == CodeOK && r.err == nil {
		r.fail("no reason")
	}
	q.Text = string(r.text("text", MaxFaultText))
	return store(m, q, &r)
}

// Taken says that props of the page were taken: they are the plugin's until it hears of others, or a Refused of that number comes.
//
//	0e · mount · number
type Taken struct {
	Mount, Number uint32 // of the PROPS, 0: those of MOUNT
}

// Append appends the frame.
func (m *Taken) Append(b []byte) []byte {
	return appendFrame(b, FrameTaken, uint64(m.Mount), uint64(m.Number))
}

// Parse is the reverse of Append.
func (m *Taken) Parse(frame []byte) error {
	r := frameReader(frame, FrameTaken)
	return store(m, Taken{Mount: r.mount(), Number: r.uint32("number")}, &r)
}

// ParseJSON reads what a page says: one value of JSON, with the bounds and the strictness of a manifest. Keys come once, numbers are exact,
// nothing nests deeper than 16. Values are as cbor.Marshal takes them. An error is a *JSONError, which matches ErrMalformed.
func ParseJSON(text []byte) (any, error) {
	j := jsonReader{buf: text}
	j.begin(MaxPageValue)
	v := j.value(0)
	j.finish()
	if j.err != nil {
		return nil, &JSONError{Path: j.lost, Message: j.err.Message}
	}
	return v, nil
}

// JSONError says what is wrong with JSON that a page said, and where.
type JSONError struct {
	Path    string // such as .list[2].name; "" for all of it
	Message string
}

func (e *JSONError) Error() string {
	return fmt.Sprintf("%v: JSON%s: %s", ErrMalformed, e.Path, e.Message)
}

// Unwrap is ErrMalformed.
func (e *JSONError) Unwrap() error { return ErrMalformed }
