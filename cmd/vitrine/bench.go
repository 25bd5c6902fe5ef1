package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/plugin"
	benchreport "github.com/vitrine-run/vitrine/bench/report"
)

type benchCmd struct {
	benchPlugin
	Quick    bool          `help:"Few and short rounds of what is not long: the main ratios within a minute, not a claim."`
	Only     nameList      `sep:"," placeholder:"CASE,..." help:"The cases to measure; --list says which there are."`
	Variants nameList      `sep:"," placeholder:"NAME,..." help:"The variants of them; none is all."`
	Rounds   *int          `placeholder:"N" help:"How many rounds systems take turns in, or events are made, in place of what a case says."`
	Turn     time.Duration `placeholder:"D" help:"How long a turn lasts, about; 20ms by default."`
	All      bool          `help:"Every variant in the table, also of a case that has many."`
	List     bool          `help:"Say which cases there are, and measure nothing."`
	JSON     bool          `name:"json" help:"Print one JSON object a figure."`
	Out      string        `placeholder:"FILE" help:"Keep the figures and the machine in a file, for --compare; each at once, so that a run that is cut has lost nothing."`
	Keep     string        `placeholder:"DIR" help:"Keep them in a folder, each case in a file of its name; other variants than --variants stay."`
	HTML     string        `name:"html" placeholder:"FILE" help:"Draw a report: one page that needs nothing else."`
	Compare  string        `placeholder:"FILE" help:"Say what has changed since a file of --out or --json, or a folder of --keep; in --html as well."`
	From     []string      `sep:"none" placeholder:"FILE" help:"Measure nothing: draw and compare the figures in a file, in those that follow, or in a folder's (.jsonl). May be given several times."`
}

func (benchCmd) Help() string {
	return `Examples:
  vitrine bench --quick
  vitrine bench --only call,metering --out now.jsonl --html report.html
  vitrine bench --only kill --variants fib,spin_host --rounds 20
  vitrine bench --only call --compare before.jsonl
  vitrine bench --from bench/results --html report.html
  vitrine bench fib.wasm fib 27
  vitrine bench examples/tablelens analyze --input orders.csv --html report.html
  vitrine bench plugin prices --input orders.json --grant kv --grant "GET https://api.example.com"
  vitrine bench --only fuel plugin.wasm transform --input in.json --json

With a MODULE and a FUNC it is your own plugin that is measured (the cases plugin and fuel): on the
engines, with metering and without, on a clean instance for each call and on one that stays, and which
of its functions use how much fuel. It is called many times, with what --input has or with numbers. It
may do what --grant allows of what its manifest asks for, as with vitrine call; what it is refused is said, and
which flag allows it. What it asks of a server is asked each time. wazero as it comes has no host
functions, and is left out where the plugin calls one.

Systems take turns in one run, on this machine, and what they answer is compared before it is timed. A
ratio is Vitrine's figure over the other's: under 1 is better for Vitrine. The spread is half of what
lies between the quartiles, over the median. A case of many variants is shown by what they come to:
--all shows each. In what --compare says, "~" is no difference beyond chance (Mann-Whitney U, as
benchstat does it), "need >= 4" that so few rounds can show none, "?" that one run has not kept its rounds. In a folder of Vitrine's sources more guests are measured, which
are built from them; "go -C bench/peers run ." there measures other ways to run plugins as well.`
}

func (c *benchCmd) Run(e *env) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := c.checkAll(); err != nil {
		return err
	}
	if c.List {
		return c.list(e)
	}
	if c.Module != "" && e.stdout == io.Writer(os.Stdout) && !plugin.Watched() {
		return c.watched(ctx, e)
	}
	var before *bench.Results
	if c.Compare != "" {
		var err error
		if before, err = bench.ReadFiles(c.Compare); err != nil {
			return err
		}
	}
	if err := bench.Prepare(c.Keep, c.Out, c.HTML); err != nil {
		return err
	}
	results, err := c.results(ctx, e)
	if err == nil && c.Module == "" && !c.JSON {
		err = benchreport.Brief(e.stdout, results.Rows)
	}
	// What was measured before something went wrong is not lost.
	if kept := c.keep(e, results, before); kept != nil || err != nil {
		return errors.Join(err, kept)
	}
	return nil
}

// checkAll refuses what makes no sense together, and takes names after --from for more files.
func (c *benchCmd) checkAll() error {
	reads := len(c.From) > 0
	switch {
	case c.Rounds != nil && *c.Rounds < 1 || c.Turn < 0:
		return &exitError{code: exitUsage, err: errors.New("--rounds and --turn must be more than nothing")}
	case reads && (len(c.Only)+len(c.Variants) > 0 || c.Rounds != nil || c.Turn > 0 || c.Quick || c.Input != ""):
		return &exitError{code: exitUsage, err: errors.New("--from measures nothing: --only, --variants, --rounds, --turn, --quick and --input are not for it")}
	case reads:
		for _, name := range append([]string{c.Module, c.Func}, c.Args...) {
			if name != "" {
				c.From = append(c.From, name)
			}
		}
		c.Module, c.Func, c.Args = "", "", nil
	}
	return c.check(c.List)
}

// value is what a flag was given, or zero.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// A nameList is names with commas between them: none of them is empty.
type nameList []string

func (l *nameList) UnmarshalText(text []byte) error {
	for name := range strings.SplitSeq(string(text), ",") {
		if name == "" {
			return errors.New("a name is empty")
		}
		*l = append(*l, name)
	}
	return nil
}

func (c *benchCmd) list(e *env) error {
	for _, b := range benchCases() {
		if c.JSON {
			if err := e.print(map[string]any{"case": b.Name, "help": b.Help, "unit": b.Unit, "systems": b.Systems}); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(e.stdout, "%-10s %s\n", b.Name, b.Help); err != nil {
			return err
		}
	}
	return nil
}

// results measures, or reads what was measured.
func (c *benchCmd) results(ctx context.Context, e *env) (*bench.Results, error) {
	if len(c.From) > 0 {
		results, err := bench.ReadFiles(c.From...)
		if err == nil {
			err = c.show(e, results.Rows)
		}
		return results, err
	}
	o := &bench.Options{Quick: c.Quick, Rounds: value(c.Rounds), Turn: c.Turn, Variants: c.Variants, Tree: bench.Tree("."), Log: e.stderr}
	if c.Module != "" {
		return c.measurePlugin(ctx, e, o)
	}
	cases, err := bench.Choose(benchCases(), o, c.Only)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err, hint: "vitrine bench --list says what they are"}
	}
	results := &bench.Results{Machine: bench.ThisMachine(os.Args)}
	kept := c.keeper(results)
	err = bench.RunAll(ctx, cases, o, kept, func(_ *bench.Case, rows []bench.Row) error {
		results.Rows = append(results.Rows, rows...)
		return c.show(e, rows)
	})
	if c.Quick {
		err = errors.Join(err, c.oneProcess(e, results))
	}
	return results, keptOver(errors.Join(err, kept.Close()))
}

// keptOver has the exit code of a flag that makes no sense where a quick run would be kept over a full one.
func keptOver(err error) error {
	if errors.Is(err, bench.ErrQuickOverFull) {
		return &exitError{code: exitUsage, err: err}
	}
	return err
}

// oneProcess says what the spreads of a quick run, and of a plugin of one's own, leave out.
func (c *benchCmd) oneProcess(e *env, results *bench.Results) error {
	if c.JSON || len(results.Rows) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(e.stdout, "\nspreads are of rounds within one process: the next one may differ by more")
	return err
}

// keeper keeps what is measured in the files that were asked for, as it comes.
func (c *benchCmd) keeper(results *bench.Results) *bench.Keeper {
	results.Machine.Quick = c.Quick
	return &bench.Keeper{Machine: results.Machine, File: c.Out, Dir: c.Keep}
}

func (c *benchCmd) show(e *env, rows []bench.Row) error {
	if !c.JSON {
		return bench.WriteTable(e.stdout, rows, c.All)
	}
	enc := json.NewEncoder(e.stdout)
	for i := range rows {
		e.answered = true
		if err := enc.Encode(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the files that were asked for, and what has changed.
func (c *benchCmd) keep(e *env, results, before *bench.Results) error {
	if results == nil || len(results.Rows) == 0 {
		return nil
	}
	err := bench.WriteFile(c.HTML, func(w io.Writer) error { return benchreport.Write(w, results, before) })
	if len(c.From) > 0 { // what is measured is kept as it comes
		err = errors.Join(err, bench.WriteFile(c.Out, results.Write))
	}
	if len(c.From) > 0 && c.Keep != "" {
		err = errors.Join(err, keptOver(results.Keep(c.Keep)))
	}
	if before == nil || err != nil {
		return err
	}
	out := e.stdout
	if c.JSON {
		out = e.stderr // the answer is figures
	}
	return bench.WriteDeltas(out, bench.Compare(before, results))
}
