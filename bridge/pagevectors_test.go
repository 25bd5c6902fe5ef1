package bridge_test

import "github.com/vitrine-run/vitrine/abi"

// pageVectors are the frames between a plugin and the page itself.
func pageVectors() any {
	out := frameFile{Doc: "MOUNT with props, PROPS, REFUSED, TAKEN, CALL and ANSWER, and what they say."}
	add := out.add
	add("MOUNT with props", (&abi.Mount{Mount: 1, Visible: true, Ticket: "t", Props: []byte(`{"n":1}`)}).Append(nil),
		m{"mount": 1, "visible": true, "ticket": "t", "props": `{"n":1}`})
	add("PROPS", (&abi.Props{Mount: 1, Number: 1, Value: []byte(`{"n":"ü"}`)}).Append(nil), m{"mount": 1, "number": 1, "props": `{"n":"ü"}`})
	add("REFUSED", (&abi.Refused{Mount: 1, Number: 1, Code: abi.CodeInvalid, Text: "n: ü"}).Append(nil),
		m{"mount": 1, "number": 1, "code": 2, "text": "n: ü"})
	add("TAKEN", (&abi.Taken{Mount: 1, Number: 1}).Append(nil), m{"mount": 1, "number": 1})
	add("CALL", (&abi.PageCall{Mount: 1, Call: 3, Name: "pick", Input: []byte(`"a"`)}).Append(nil),
		m{"mount": 1, "call": 3, "name": "pick", "input": `"a"`})
	add("ANSWER", (&abi.PageAnswer{Mount: 1, Call: 3, Output: []byte(`"A"`)}).Append(nil), m{"mount": 1, "call": 3, "code": 0, "answer": `"A"`})
	add("ANSWER of a failure", (&abi.PageAnswer{Mount: 1, Call: 4, Code: abi.CodeInternal}).Append(nil), m{"mount": 1, "call": 4, "code": 10})
	return out
}
