package vitrine

import "github.com/vitrine-run/vitrine/abi/cbor"

// KV is where a plugin keeps bytes by key, across visits. It needs the capability "kv". Keys are text of 1
// to 512 bytes. The host bounds bytes and keys: what would be more is Limit.
type KV struct {
	host  host
	scope string
}

// Shared is what everybody who uses this install of the plugin sees.
func (c *Context) Shared() KV { return KV{c.host, "install"} }

// Own is what only the person who looks sees. Where there is no person everything is Invalid.
func (c *Context) Own() KV { return KV{c.host, "user"} }

func (k KV) begin(items int) []byte { return cbor.AppendText(cbor.AppendArray(nil, items+1), k.scope) }

// Get reads a value; NotFound if there is none.
func (k KV) Get(key string) ([]byte, error) {
	b, code := k.host.kvGet(cbor.AppendText(k.begin(1), valid(key)))
	return b, codeError(code)
}

// Put keeps a value.
func (k KV) Put(key string, value []byte) error {
	return codeError(k.host.kvPut(appendOrNull(cbor.AppendText(k.begin(2), valid(key)), value, true)))
}

// Delete forgets a value.
func (k KV) Delete(key string) error {
	return codeError(k.host.kvPut(cbor.AppendNull(cbor.AppendText(k.begin(2), valid(key)))))
}

// Swap keeps a value if what is there is was, nil for nothing; otherwise it is Conflict, and somebody else
// was first.
func (k KV) Swap(key string, was, value []byte) error {
	b := appendOrNull(cbor.AppendText(k.begin(3), valid(key)), value, true)
	return codeError(k.host.kvPut(appendOrNull(b, was, was != nil)))
}

// Keys lists at most most keys, up to 1000, that begin with prefix and come behind after.
func (k KV) Keys(prefix, after string, most int) ([]string, error) {
	b := cbor.AppendText(cbor.AppendText(k.begin(3), valid(prefix)), valid(after))
	out, code := k.host.kvKeys(cbor.AppendUint(b, uint64(max(0, most))))
	if code < 0 {
		return nil, code
	}
	var keys []string
	r := cbor.NewReader(out)
	for range r.Array() {
		keys = append(keys, string(r.Text()))
	}
	return keys, r.End()
}

func appendOrNull(b, v []byte, some bool) []byte {
	if !some {
		return cbor.AppendNull(b)
	}
	return cbor.AppendBytes(b, v)
}

// Asset reads a file of the plugin's package that vitrine.json lists. It needs the capability "assets".
func (c *Context) Asset(name string) ([]byte, error) {
	b, code := c.host.asset([]byte(valid(name)))
	return b, codeError(code)
}

// May reports whether the person may use an ability of a model, of one instance or, if it is "", of none in
// particular. It needs the capability "authz" and gives the plugin no right.
func (c *Context) May(model, ability, instance string) (bool, error) {
	n := 2
	if instance != "" {
		n = 3
	}
	b := cbor.AppendText(cbor.AppendText(cbor.AppendArray(nil, n), valid(model)), valid(ability))
	if n == 3 {
		b = cbor.AppendText(b, valid(instance))
	}
	code := c.host.may(b)
	return code > 0, codeError(Code(code))
}

// User is who looks, as far as the plugin may know: ID with the permission user:id, Orgs with user:orgs.
type User struct {
	ID   string
	Orgs []string
}

// User asks who looks; NotFound if nobody has signed in. It needs the capability "user".
func (c *Context) User() (User, error) {
	var u User
	b, code := c.host.user()
	if code < 0 {
		return u, code
	}
	r := cbor.NewReader(b)
	for range r.Map() {
		switch string(r.Text()) {
		case "id":
			u.ID = string(r.Text())
		case "orgs":
			for range r.Array() {
				u.Orgs = append(u.Orgs, string(r.Text()))
			}
		default:
			r.Skip()
		}
	}
	return u, r.End()
}

// Count adds n to a counter of the host's metrics. Names are lower case letters, digits, '_' and '.'. It needs
// the capability "telemetry".
func (c *Context) Count(name string, n int) error {
	b := cbor.AppendText(cbor.AppendArray(nil, 2), valid(name))
	return codeError(c.host.count(cbor.AppendUint(b, uint64(max(0, n)))))
}

// Span measures until end is called. It needs the capability "telemetry".
func (c *Context) Span(name string) (end func(failed bool)) {
	number := c.host.beginSpan([]byte(valid(name)))
	return func(failed bool) {
		if number > 0 {
			c.host.endSpan(uint32(number), failed)
		}
	}
}

// What a compute function can do, which has no Context. Outside of a plugin everything is Unsupported.

// Report says how far a job is, in the plugin's own bytes; see Context.Job.
func Report(b []byte) error { return codeError(progress(b)) }

// Fetch asks a server of the internet and waits for the answer. It needs the capability "http".
func Fetch(r *Request) (*Response, error) { return whole(waitHTTP(r.append("url"))) }

// API asks the host application and waits for the answer. It needs the capability "api".
func API(r *Request) (*Response, error) { return whole(waitAPI(r.append("path"))) }

func whole(b []byte, code Code) (*Response, error) {
	if code < 0 {
		return nil, code
	}
	return readResponse(cbor.NewReader(b))
}
