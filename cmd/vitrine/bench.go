package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/vitrine-run/vitrine/bench"
	benchreport "github.com/vitrine-run/vitrine/bench/report"
)

type benchCmd struct {
	Quick   bool     `help:"Few and short rounds: the main ratios within a minute, not a claim."`
	Only    []string `sep:"," placeholder:"CASE,..." help:"The cases to measure; --list says which there are."`
	List    bool     `help:"Say which cases there are, and measure nothing."`
	JSON    bool     `name:"json" help:"Print one JSON object a figure."`
	Out     string   `placeholder:"FILE" help:"Keep the figures and the machine in a file, for --compare."`
	HTML    string   `name:"html" placeholder:"FILE" help:"Draw a report: one page that needs nothing else."`
	Compare string   `placeholder:"FILE" help:"Say what has changed since a file of --out or --json."`
	From    string   `placeholder:"FILE" help:"Measure nothing: draw and compare the figures in a file."`
}

func (benchCmd) Help() string {
	return `Examples:
  vitrine bench --quick
  vitrine bench --only call,metering --out now.jsonl --html report.html
  vitrine bench --only call --compare before.jsonl
  vitrine bench --from now.jsonl --html report.html

Systems take turns in one run, on this machine. A ratio is Vitrine's figure over the other's: under 1
is better for Vitrine. The spread is half of what lies between the quartiles, over the median. In what
--compare says, "~" is no difference beyond chance (Mann-Whitney U, as benchstat does it).`
}

func (c *benchCmd) Run(e *env) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.List {
		return c.list(e)
	}
	before, err := c.before()
	if err != nil {
		return err
	}
	results, err := c.results(ctx, e)
	// What was measured before something went wrong is not lost.
	if kept := c.keep(e, results, before); kept != nil || err != nil {
		return errors.Join(err, kept)
	}
	return nil
}

func (c *benchCmd) list(e *env) error {
	for _, b := range benchCases {
		if c.JSON {
			if err := e.print(map[string]string{"case": b.Name, "help": b.Help}); err != nil {
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

func (c *benchCmd) before() (*bench.Results, error) {
	if c.Compare == "" {
		return nil, nil
	}
	return readResults(c.Compare)
}

func readResults(name string) (*bench.Results, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was read only
	results, err := bench.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return results, nil
}

// results measures, or reads what was measured.
func (c *benchCmd) results(ctx context.Context, e *env) (*bench.Results, error) {
	if c.From != "" {
		results, err := readResults(c.From)
		if err == nil {
			err = c.show(e, results.Rows)
		}
		return results, err
	}
	cases, err := c.chosen()
	if err != nil {
		return nil, err
	}
	results := &bench.Results{Machine: bench.ThisMachine(os.Args)}
	o := &bench.Options{Quick: c.Quick}
	for i, b := range cases {
		fmt.Fprintf(e.stderr, "measuring %s (%d of %d): %s\n", b.Name, i+1, len(cases), b.Help)
		first := len(results.Rows)
		done := progress(e.stderr, b.Name)
		err := b.Run(ctx, o, func(r bench.Row) { results.Rows = append(results.Rows, r) })
		done()
		if shown := c.show(e, results.Rows[first:]); err == nil {
			err = shown
		}
		if err != nil {
			return results, fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	return results, nil
}

func (c *benchCmd) chosen() ([]bench.Case, error) {
	var names []string
	for _, b := range benchCases {
		names = append(names, b.Name)
	}
	for _, name := range c.Only {
		if !slices.Contains(names, name) {
			return nil, &exitError{code: exitUsage, err: fmt.Errorf("there is no case %q", name), hint: "the cases are " + strings.Join(names, ", ")}
		}
	}
	if len(c.Only) == 0 {
		return benchCases, nil
	}
	return slices.DeleteFunc(slices.Clone(benchCases), func(b bench.Case) bool { return !slices.Contains(c.Only, b.Name) }), nil
}

func (c *benchCmd) show(e *env, rows []bench.Row) error {
	if !c.JSON {
		return bench.WriteTable(e.stdout, rows)
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
	err := errors.Join(writeFile(c.Out, results.Write), writeFile(c.HTML, func(w io.Writer) error { return benchreport.Write(w, results) }))
	if before == nil || err != nil {
		return err
	}
	out := e.stdout
	if c.JSON {
		out = e.stderr // the answer is figures
	}
	return bench.WriteDeltas(out, bench.Compare(before, results))
}

// writeFile writes a file that a name was given for.
func writeFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
