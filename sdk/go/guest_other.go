//go:build !wasip1

package vitrine

import (
	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sdk/go/internal/seam"
)

// Register says which App the plugin is. Call it where a package-level variable gets its value; the
// result means nothing. Outside WebAssembly it does nothing: tests mount the App with vitrinetest.
//
//	var _ = vitrine.Register(app)
func Register(App) bool { return false }

// Prepare has load called once, when the plugin starts and before anybody uses it: the place to read tables and
// build indexes. The host keeps what has become of the plugin's memory then, and everybody begins with a copy of it, so
// that it costs nobody's call anything. load must not call the host, which makes the plugin start anew for
// each of them, and must not keep what should differ between them, such as random numbers. If it fails, so does
// every use of the plugin. Call Prepare where a package-level variable gets its value; the result means nothing. Outside
// WebAssembly load is called at once, and its error is a panic.
//
//	var _ = vitrine.Prepare(load)
func Prepare(load func() error) bool {
	if _, err := prepare([]func() error{load}); err != nil {
		panic(err)
	}
	return false
}

// MemoryLimit is how many bytes of memory the plugin may have in all, the runtime of Go and what the
// collector has not come to included. A Go program ends when it wants more; one that handles much
// data can refuse it instead. It needs no capability. Outside WebAssembly it is a host's default,
// 64 MiB.
func MemoryLimit() int { return 64 << 20 }

// What follows is for package vitrinetest, which authors see, as they do not see this.
var _ = seam.Offer(newInstance)

// newInstance runs an App against a host in the same process.
func newInstance(app any, h seam.Host) *seam.Instance {
	g := &guest{app: app.(App), host: other{h}}
	run := func(do func([]byte) ([]byte, error)) func([]byte) error {
		return func(in []byte) error {
			_, err := attempt(func() ([]byte, error) { return do(in) })
			return err
		}
	}
	l := g.lifeCycle()
	return &seam.Instance{
		Mount: run(l.mount), Update: run(l.update), Event: run(l.event), Message: run(l.message), Turn: run(l.turn), Unmount: run(l.unmount),
	}
}

// other is a host in the same process.
type other struct{ h seam.Host }

func (o other) render(tree []byte) abi.Code             { return o.h.Render(tree) }
func (o other) paint(pixels []byte) abi.Code            { return o.h.Paint(pixels) }
func (o other) effect(request []byte) abi.Code          { return o.h.Effect(request) }
func (o other) again() abi.Code                         { o.h.Again(); return abi.CodeOK }
func (o other) pending() bool                           { return o.h.Pending() }
func (o other) readProps() ([]byte, abi.Code)           { return o.h.Props() }
func (o other) readSettings() ([]byte, abi.Code)        { return o.h.Settings() }
func (o other) log(level int32, record []byte) abi.Code { return o.h.Log(level, record) }
func (o other) now() int64                              { return o.h.Now() }
func (o other) monotonic() int64                        { return o.h.Monotonic() }
func (o other) random(b []byte) abi.Code                { return o.h.Random(b) }

func (o other) cancel(ticket uint32) abi.Code { o.h.Cancel(ticket); return abi.CodeOK }

// status is what a function answers that answers no bytes.
func (o other) status(function string, b []byte) int32 {
	_, n := o.h.Call(function, b)
	return n
}

// fetch is what a function answers that answers bytes.
func (o other) fetch(function string, b []byte) ([]byte, abi.Code) {
	out, n := o.h.Call(function, b)
	return out, abi.Code(min(n, 0))
}

func (o other) startProp(b []byte) int32             { return o.status("props.start", b) }
func (o other) callProp(b []byte) ([]byte, abi.Code) { return o.fetch("props.call", b) }
func (o other) startHTTP(b []byte) int32             { return o.status("http.start", b) }
func (o other) startAPI(b []byte) int32              { return o.status("api.start", b) }
func (o other) startData(b []byte) int32             { return o.status("data.start", b) }
func (o other) startJob(b []byte) int32              { return o.status("jobs.start", b) }
func (o other) subscribe(b []byte) int32             { return o.status("sse.subscribe", b) }
func (o other) may(b []byte) int32                   { return o.status("authz.evaluate", b) }
func (o other) beginSpan(b []byte) int32             { return o.status("telemetry.begin", b) }
func (o other) kvPut(b []byte) abi.Code              { return abi.Code(o.status("kv.put", b)) }
func (o other) count(b []byte) abi.Code              { return abi.Code(o.status("telemetry.count", b)) }
func (o other) kvGet(b []byte) ([]byte, abi.Code)    { return o.fetch("kv.get", b) }
func (o other) kvKeys(b []byte) ([]byte, abi.Code)   { return o.fetch("kv.keys", b) }
func (o other) asset(b []byte) ([]byte, abi.Code)    { return o.fetch("assets.read", b) }
func (o other) user() ([]byte, abi.Code)             { return o.fetch("user.read", nil) }
func (o other) endSpan(uint32, bool) abi.Code        { return abi.Code(o.status("telemetry.end", nil)) }

func progress([]byte) abi.Code           { return abi.CodeUnsupported }
func waitHTTP([]byte) ([]byte, abi.Code) { return nil, abi.CodeUnsupported }
func waitAPI([]byte) ([]byte, abi.Code)  { return nil, abi.CodeUnsupported }
