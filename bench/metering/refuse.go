package metering

import (
	"context"
	"fmt"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/validate"
	"github.com/vitrine-run/vitrine/runtime/wasm"
)

// liars are modules that declare far more than they have.
var liars = []struct{ name, wasm, want string }{
	{"2^32-1 locals in 30 bytes", wasm.Preamble + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a\x0a\x01\x08\x01\xff\xff\xff\xff\x0f\x7f\x0b",
		"wasm: offset 23: 4294967295 locals in func[0], at most 20000 (too many locals)"},
	{"2^32-1 types in 14 bytes", wasm.Preamble + "\x01\x05\xff\xff\xff\xff",
		"wasm: offset 10: 5 bytes wanted, 4 left: unexpected end"},
}

// refuseCase is what it costs to refuse them.
func refuseCase() bench.Case {
	return bench.Case{
		Name: "refuse", Help: "a small module that declares far too much is refused", Unit: "ns", Systems: []string{bench.Ours},
		Rounds: 10, Quick: 3, Takes: time.Second, TakesQuick: 100 * time.Millisecond,
		Measure: func(_ context.Context, r *bench.Run) error {
			for _, l := range liars {
				err := r.Race(l.name, []byte(l.want), []bench.Racer{{System: bench.Ours, Answer: func() ([]byte, error) {
					_, err := validate.Module([]byte(l.wasm), nil)
					return fmt.Append(nil, err), nil
				}}})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}
