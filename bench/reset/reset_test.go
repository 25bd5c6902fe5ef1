package reset_test

import (
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/benchtest"
	"github.com/vitrine-run/vitrine/bench/reset"
	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

func cases() []bench.Case { return reset.Cases(fresh.Light()) }

func TestMain(m *testing.M) {
	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestVerifies(t *testing.T) {
	for _, c := range cases() {
		o := &bench.Options{Quick: true, Rounds: 2, Turn: 1, Variants: []string{"c"}}
		t.Run(c.Name, func(t *testing.T) {
			if c.Child != nil {
				benchtest.NeedsResident(t)
			}
			benchtest.Verifies(t, &c, o)
		})
	}
}
