package program

import (
	"testing"

	"github.com/vitrine-run/vitrine/bench/metering"
)

// What is written down is what Go answers in the host, which has neither an engine nor a compiler in common with the guests in C.
func TestAnswers(t *testing.T) {
	n := native(natives())
	for name, sums := range answers {
		do, err := n.Load(t.Context(), &Job{Name: name, Export: name})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range sums {
			if do == nil {
				break
			}
			if got, err := do(t.Context(), 1<<i); err != nil || got != want {
				t.Errorf("%s %d times: %#x, %v; want %#x", name, 1<<i, got, err, want)
			}
		}
	}
	all, err := metering.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if len(answers[k.Name]) == 0 {
			t.Errorf("nothing is written down of %s", k.Name)
		}
	}
}
