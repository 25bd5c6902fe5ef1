package vitrine

import "github.com/vitrine-run/vitrine/abi/cbor"

// Ticket is something that the host does for the plugin while the plugin goes on. The handlers that it was
// asked with are called as events are, and the View after them.
type Ticket struct {
	number uint32
	ctx    *Context
	on     func(kind string, r *cbor.Reader) // r stands before the words behind the number
	failed func(error)
}

// Stop calls it off: no handler is called any more. What was asked for may have been done. A nil Ticket
// may be stopped.
func (t *Ticket) Stop() {
	if t.Open() {
		delete(t.ctx.tickets, t.number)
		t.ctx.host.cancel(t.number)
	}
}

// Open reports whether the last word of the ticket is still to come. A nil Ticket is not.
func (t *Ticket) Open() bool { return t != nil && t.number != 0 && t.ctx.tickets[t.number] == t }

// ticket keeps what a number stands for. If the host refused, failed is called in a turn of its own, so that a
// handler never runs before the function that it was given to has returned.
func (c *Context) ticket(number int32, failed func(error), on func(kind string, r *cbor.Reader)) *Ticket {
	t := &Ticket{ctx: c, on: on, failed: failed}
	if number <= 0 {
		code := Code(number)
		if code == 0 {
			code = Internal
		}
		c.Later(func() bool { failed(code); return false })
		return t
	}
	t.number = uint32(number)
	if c.tickets == nil {
		c.tickets = map[uint32]*Ticket{}
	}
	c.tickets[t.number] = t
	return t
}

// message hands a message to the ticket that it is for. One that nobody waits for is read over.
func (c *Context) message(in []byte) error {
	if err := cbor.Valid(in); err != nil {
		return Errorf(Invalid, "message: %s", err)
	}
	r := cbor.NewReader(in)
	c.incoming = in
	defer func() { c.incoming = nil }()
	n := r.Array()
	kind, number := string(r.Text()), r.Uint()
	t := c.tickets[uint32(number)]
	if r.Err() != nil || n < 2 || number > 1<<32-1 || t == nil {
		return nil
	}
	switch kind {
	case "answer":
		delete(c.tickets, t.number)
		t.on(kind, r)
	case "error":
		delete(c.tickets, t.number)
		var err error = Code(r.Int())
		if n == 4 {
			err = &Error{err.(Code), string(r.Text())}
		}
		t.failed(err)
	default:
		t.on(kind, r)
	}
	return nil
}

// value is the next item of the message under way.
func (c *Context) value(r *cbor.Reader) (any, error) {
	at := r.Offset()
	r.Skip()
	if r.Err() != nil {
		return nil, Errorf(Internal, "answer: %s", r.Err())
	}
	return cbor.Unmarshal(c.incoming[at:r.Offset()])
}

// Header is one field of a request or an answer.
type Header struct {
	Name, Value string
	Secret      string // of a request: a secret that the install names; its value comes behind Value
}

// Request is what is asked of a server, or of the host application.
type Request struct {
	Method string // "GET" if it is empty
	URL    string // https://...; for the host application a path such as "/orders/17?full=1"
	Header []Header
	Body   []byte
}

// Response is what was answered, whatever the status.
type Response struct {
	Status int
	URL    string // after redirects
	Header []Header
	Body   []byte
}

// Field is the first field of a name in lower case, "" if there is none.
func (r *Response) Field(name string) string {
	for _, h := range r.Header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// Fetch asks a server of the internet. It needs the capability "http" and a permission for the server.
func (c *Context) Fetch(r *Request, done func(*Response, error)) *Ticket {
	return c.ticket(c.host.startHTTP(r.append("url")), failedFetch(done), answered(done))
}

// API asks the host application, for the person who looks. It needs the capability "api" and a
// permission for the method and the path.
func (c *Context) API(r *Request, done func(*Response, error)) *Ticket {
	return c.ticket(c.host.startAPI(r.append("path")), failedFetch(done), answered(done))
}

func failedFetch(done func(*Response, error)) func(error) { return func(err error) { done(nil, err) } }

func answered(done func(*Response, error)) func(string, *cbor.Reader) {
	return func(_ string, r *cbor.Reader) { done(readResponse(r)) }
}

// append appends the request as the host reads it; where is the name of the URL there.
func (r *Request) append(where string) []byte {
	n := 1
	if r.Body != nil {
		n++
	}
	if r.Method != "" {
		n++
	}
	if len(r.Header) > 0 {
		n++
	}
	b := cbor.AppendMap(nil, n) // keys ascend, shorter ones first
	if where == "url" {
		b = cbor.AppendText(cbor.AppendText(b, where), valid(r.URL))
	}
	if r.Body != nil {
		b = cbor.AppendBytes(cbor.AppendText(b, "body"), r.Body)
	}
	if where == "path" {
		b = cbor.AppendText(cbor.AppendText(b, where), valid(r.URL))
	}
	if r.Method != "" {
		b = cbor.AppendText(cbor.AppendText(b, "method"), valid(r.Method))
	}
	if len(r.Header) > 0 {
		b = appendHeader(cbor.AppendText(b, "headers"), r.Header)
	}
	return b
}

func appendHeader(b []byte, fields []Header) []byte {
	b = cbor.AppendArray(b, len(fields))
	for _, f := range fields {
		n := 2
		if f.Secret != "" {
			n = 3
		}
		b = cbor.AppendText(cbor.AppendText(cbor.AppendArray(b, n), valid(f.Name)), valid(f.Value))
		if n == 3 {
			b = cbor.AppendText(b, valid(f.Secret))
		}
	}
	return b
}

func readResponse(r *cbor.Reader) (*Response, error) {
	out := &Response{}
	for range r.Map() {
		switch string(r.Text()) {
		case "url":
			out.URL = string(r.Text())
		case "body":
			out.Body = append([]byte{}, r.Bytes()...)
		case "status":
			out.Status = int(r.Uint())
		case "headers":
			for range r.Array() {
				r.Array()
				out.Header = append(out.Header, Header{Name: string(r.Text()), Value: string(r.Text())})
			}
		default:
			r.Skip()
		}
	}
	if r.Err() != nil {
		return nil, Errorf(Internal, "answer: %s", r.Err())
	}
	return out, nil
}

// Query is one use of a model of the host application.
type Query struct {
	Model, Ability string // such as "Attendee" and "view"
	Key, Instance  string // the field that tells instances apart, and its value; "" for all of them
	Value          any    // what is to be created or changed
	After          string // of a list: the instance behind which it begins
	Most           int    // of a list: how many, up to 1000; 0 is 100
}

// Data uses a model of the host application. It needs the capability "data" and a permission such as
// "Attendee:view". Values are as package cbor has them. What has been created or changed is answered as it is then to a plugin that may
// view it too; to others the value is nil.
func (c *Context) Data(q *Query, done func(value any, err error)) *Ticket {
	b, err := q.marshal()
	number := int32(Invalid)
	if err == nil {
		number = c.host.startData(b)
	}
	return c.ticket(number, func(err error) { done(nil, err) }, func(_ string, r *cbor.Reader) { done(c.value(r)) })
}

func (q *Query) marshal() ([]byte, error) {
	m := map[string]any{"model": q.Model, "ability": q.Ability}
	for name, v := range map[string]string{"key": q.Key, "instance": q.Instance, "after": q.After} {
		if v != "" {
			m[name] = v
		}
	}
	if q.Value != nil {
		m["value"] = q.Value
	}
	if q.Most > 0 {
		m["most"] = q.Most
	}
	return cbor.Marshal(m)
}

// Topic is a channel of the host application, or what it says of one instance.
type Topic struct {
	Channel       string
	Key, Instance string // the field that tells instances apart and its value; "" for all of them
}

// Message is one event of a channel.
type Message struct{ ID, Name, Data string }

// Subscribe hears a channel until the ticket is stopped or the permission ends; ended may be nil. It
// needs the capability "sse" and a permission for the channel.
func (c *Context) Subscribe(t Topic, heard func(Message), ended func(error)) *Ticket {
	m := map[string]any{"channel": t.Channel}
	if t.Instance != "" {
		m["key"], m["instance"] = t.Key, t.Instance
	}
	b, err := cbor.Marshal(m)
	number := int32(Invalid)
	if err == nil {
		number = c.host.subscribe(b)
	}
	if ended == nil {
		ended = func(error) {}
	}
	return c.ticket(number, ended, func(_ string, r *cbor.Reader) {
		var msg Message
		for range r.Map() {
			switch key := string(r.Text()); key {
			case "id":
				msg.ID = string(r.Text())
			case "data":
				msg.Data = string(r.Text())
			case "event":
				msg.Name = string(r.Text())
			default:
				r.Skip()
			}
		}
		heard(msg)
	})
}

// Job calls a compute function of the plugin in an instance beside it, where it may take minutes. progress
// hears what the function gives to Report, the newest if they come faster than the page; it may be nil. It needs the
// capability "jobs".
func (c *Context) Job(function string, input []byte, progress func([]byte), done func([]byte, error)) *Ticket {
	b := cbor.AppendBytes(cbor.AppendText(cbor.AppendArray(nil, 2), valid(function)), input)
	return c.ticket(c.host.startJob(b), func(err error) { done(nil, err) }, func(kind string, r *cbor.Reader) {
		out := append([]byte{}, r.Bytes()...)
		switch {
		case kind == "answer":
			done(out, nil)
		case progress != nil:
			progress(out)
		}
	})
}
