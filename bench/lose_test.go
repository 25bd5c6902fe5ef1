package bench_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// Who fails is said and left out, at once or later, and the others are measured; without Ours there is nothing to measure.
func TestRaceGoesOnWithoutAPeer(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name, who string
		at        int // the call that fails
		systems   []string
	}{
		{"at once", "wasmtime", 1, []string{bench.Ours, "extism"}}, {"later", "wasmtime", 5, []string{bench.Ours, "extism"}},
		{"ours", bench.Ours, 1, nil},
	} {
		racer := func(name string) bench.Racer {
			calls := 0
			return bench.Racer{System: name, Answer: func() ([]byte, error) {
				if calls++; name == c.who && calls >= c.at {
					return nil, broken
				}
				time.Sleep(time.Millisecond)
				return []byte("4"), nil
			}}
		}
		rows, err := measure(&bench.Options{Rounds: 10, Turn: time.Millisecond}, []byte("4"), []bench.Racer{racer(bench.Ours), racer("wasmtime"), racer("extism")})
		var systems []string
		for _, r := range rows {
			if !slices.Contains(systems, r.System) {
				systems = append(systems, r.System)
			}
		}
		if !errors.Is(err, broken) || !slices.Equal(systems, c.systems) {
			t.Errorf("%s: figures of %q, and %v", c.name, systems, err)
		}
	}
}

// A run that is ended is nobody's fault.
func TestLoseOfARunThatIsEnded(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	c := bench.Case{Name: "call", Measure: func(ctx context.Context, r *bench.Run) error {
		stop()
		return r.Lose("extism", ctx.Err())
	}}
	if err := c.Run(ctx, nil, func(bench.Row) {}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What is kept of a command says nothing of the machine's folders.
func TestCommandHasNoFolders(t *testing.T) {
	got := bench.ThisMachine([]string{"/tmp/build1/exe/peers", "-only", "call,reset", "-keep", "/home/me/results", "--input=/etc/hosts", "a/b"}).Command
	if want := "peers -only call,reset -keep results --input=hosts a/b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What stands after a stray word would be passed over, and everything measured.
func TestCommandsWords(t *testing.T) {
	none := func() []bench.Case {
		return []bench.Case{{Name: "one", Measure: func(context.Context, *bench.Run) error { t.Error("it was measured"); return nil }}}
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"extra", "args", "-list"}, 1, `"extra"`},
		{[]string{"-list", "extra"}, 1, `"extra"`},
		{[]string{"-h"}, 0, "-only"},
		{[]string{"-unknown"}, 1, "-unknown"},
	} {
		var out, said bytes.Buffer
		if code := bench.Command(append([]string{"peers"}, c.args...), none, &out, &said); code != c.code || !strings.Contains(said.String(), c.says) {
			t.Errorf("%q: %d and %q", c.args, code, said.String())
		}
	}
}
