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
		Mount: run(l.mount), Update: run(l.update), Event: run(l.event), Turn: run(l.turn), Unmount: run(l.unmount),
	}
}

// other is a host in the same process.
type other struct{ h seam.Host }

func (o other) render(tree []byte) abi.Code             { return o.h.Render(tree) }
func (o other) paint(pixels []byte) abi.Code            { return o.h.Paint(pixels) }
func (o other) again() abi.Code                         { o.h.Again(); return abi.CodeOK }
func (o other) pending() bool                           { return o.h.Pending() }
func (o other) readProps() ([]byte, abi.Code)           { return o.h.Props() }
func (o other) log(level int32, record []byte) abi.Code { return o.h.Log(level, record) }
func (o other) now() int64                              { return o.h.Now() }
func (o other) monotonic() int64                        { return o.h.Monotonic() }
func (o other) random(b []byte) abi.Code                { return o.h.Random(b) }
