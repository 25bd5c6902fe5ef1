package bench_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/vitrine-run/vitrine/bench"
)

// shout is a case: two systems make text loud, in turns.
var shout = bench.Case{
	Name: "shout", Help: "a text in capitals", Unit: "ns", Systems: []string{bench.Ours, "other"},
	Measure: func(_ context.Context, r *bench.Run) error {
		for _, text := range []string{"hi", "hello"} {
			if !r.Wanted(text) {
				continue
			}
			answer := func() ([]byte, error) { return []byte(strings.ToUpper(text)), nil }
			err := r.Race(text, []byte(strings.ToUpper(text)), []bench.Racer{
				{System: bench.Ours, Answer: answer}, {System: "other", Answer: answer},
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// A case is declared once and measured by whoever has it in a list.
func ExampleCase() {
	err := shout.Run(context.Background(), &bench.Options{Quick: true, Variants: []string{"hi"}}, func(r bench.Row) {
		if r.System != "others" { // what other processes did meanwhile
			fmt.Println(r.Case, r.System, r.Variant, r.Metric, r.Unit, r.N)
		}
	})
	fmt.Println(err)
	// Output:
	// shout vitrine hi time ns 5
	// shout vitrine hi allocated B 5
	// shout other hi time ns 5
	// shout other hi allocated B 5
	// shout other hi ratio x 5
	// <nil>
}

// A wrong answer is no figure, and neither is one that nobody has looked at.
func ExampleRun_Verify() {
	careless := bench.Case{Name: "careless", Measure: func(_ context.Context, r *bench.Run) error {
		r.Samples(bench.Ours, "x", "time", "ns", []float64{1, 2, 3})
		return nil
	}}
	wrong := bench.Case{Name: "wrong", Measure: func(_ context.Context, r *bench.Run) error {
		return r.Verify("other", "x", []byte("four"), []byte("five"))
	}}
	none := func(r bench.Row) { fmt.Println("a figure", r) }
	fmt.Println(careless.Run(context.Background(), nil, none))
	fmt.Println(wrong.Run(context.Background(), nil, none))
	// Output:
	// bench: a figure of answers that nobody has compared: vitrine x time
	// x: other answered "four" and not "five"
}
