package vitrine

import "github.com/vitrine-run/vitrine/abi/cbor"

// Call calls a function of the host that is among the props, and goes on; done is called with its answer.
// The manifest declares it ("callbacks"). It needs the capability "props". Values are as package cbor
// has them.
func (c *Context) Call(name string, input any, done func(output any, err error)) *Ticket {
	b, err := cbor.Marshal([]any{name, input})
	number := int32(Invalid)
	if err == nil {
		number = c.host.startProp(b)
	}
	return c.ticket(number, func(err error) { done(nil, err) }, func(_ string, r *cbor.Reader) { done(c.value(r)) })
}

// CallAndWait is Call that waits for the answer. The page stands still meanwhile: it is for functions that
// answer at once.
func (c *Context) CallAndWait(name string, input any) (any, error) {
	b, err := cbor.Marshal([]any{name, input})
	if err != nil {
		return nil, Errorf(Invalid, "%s: %s", name, err)
	}
	out, code := c.host.callProp(b)
	if code < 0 {
		return nil, Code(code)
	}
	return cbor.Unmarshal(out)
}
