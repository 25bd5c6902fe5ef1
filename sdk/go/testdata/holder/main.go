// Holder hears a channel, runs a job that has no end, and keeps something whenever it hears of an event. It
// says what became of each.
package main

import (
	"fmt"

	v "github.com/vitrine-run/vitrine/sdk/go"
)

var _ = v.Register(func(c *v.Context) v.View {
	heard, kept, channel, job := 0, "nothing", "open", "runs"
	c.Subscribe(v.Topic{Channel: "orders"}, func(v.Message) {
		heard++
		kept = fmt.Sprint(c.Shared().Put("heard", []byte{byte(heard)}))
	}, func(err error) { channel = err.Error() })
	c.Job("endless", nil, nil, func(_ []byte, err error) { job = fmt.Sprint(err) })
	return func() v.Node {
		return v.Text(fmt.Sprint("heard ", heard, ", kept ", kept, ", channel ", channel, ", job ", job))
	}
})

//go:wasmexport endless
func endless(ptr, n uint32) uint64 {
	return v.Compute(ptr, n, func([]byte) ([]byte, error) {
		for {
			_ = v.Report(nil) // how it ends is the host's affair
		}
	})
}

func main() {}
