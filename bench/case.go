package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Case measures one thing for all systems that can do it. The package that measures it declares it, as a value; a
// command has a list of them. It is not changed after that.
type Case struct {
	Name    string   // of its rows: one word
	Help    string   // what is measured, in one sentence
	Unit    string   // of the figure that matters most
	Systems []string // that it measures, Ours among them, as its rows name them
	Rounds  int      // in which systems take turns, or events are made; 15 if zero, never fewer than 10
	Quick   int      // the same for a first look; 5 if zero

	// Takes and TakesQuick are what a run lasts, about, for who waits for it.
	Takes, TakesQuick time.Duration
	// Processes says that the rounds are spread over several processes, each of which makes its systems anew.
	Processes bool
	// Long cases are left out of a quick run that does not name them.
	Long bool

	// Measure finds the figures and prints them. What systems answer is compared by Verify or Race before it is
	// timed: a figure of a system that was not compared ends the case.
	Measure func(ctx context.Context, r *Run) error
	// Together sums up the rows of all variants, once they are there; nil if there is nothing to sum up. Rows that were kept of
	// other runs may be among them.
	Together func(rows []Row) []Row
	// Child is what a process of its own does for the case, started by Apart; nil if there is none.
	Child func(ctx context.Context, r *Run, args []string) error
}

// A WrongError is an answer that is not what it should be. A wrong answer is not a fast one: who gave it has no figure, and without Ours there is
// no case.
type WrongError struct {
	System, Variant string
	Got, Want       string // their beginnings
}

func (e *WrongError) Error() string {
	said := fmt.Sprintf("%s answered %q and not %q", e.System, e.Got, e.Want)
	if e.Variant != "" {
		return e.Variant + ": " + said
	}
	return said
}

// ErrUnverified says that a case printed a figure of answers that it had not compared.
var ErrUnverified = errors.New("bench: a figure of answers that nobody has compared")

// A Run is one run of a case. It is for one goroutine.
type Run struct {
	Options
	c       *Case
	ctx     context.Context // of the whole run: when it has ended, nobody is to blame
	print   func(Row)
	seen    map[[2]string]bool // systems and variants whose answers were right
	printed []Row              // all that was
	lost    []error            // of systems that were left out
	notes   []string           // what else was left out, and why
	asked   []string           // the variants that the case has asked for by Wanted
	err     error              // the first figure that may not be printed
	began   time.Time
}

// Run measures the case. What it prints before an error is good.
func (c *Case) Run(ctx context.Context, o *Options, print func(Row)) error {
	_, err := c.measure(ctx, o, print)
	return err
}

// measure is Run; asked are the variants that the case has, as far as it has said so.
func (c *Case) measure(ctx context.Context, o *Options, print func(Row)) (asked []string, err error) {
	r := c.run(ctx, o, print)
	before, known := used()
	several, err := c.sittings(ctx, r)
	if !several {
		err = c.Measure(ctx, r)
	}
	cut := err != nil && ctx.Err() != nil
	if cut {
		r.Note("%s", cutShort)
	}
	if c.Together != nil {
		for _, row := range c.Together(r.printed) {
			r.Print(row)
		}
	}
	if after, _ := used(); known && (err == nil || cut) && r.err == nil {
		r.print(Row{Case: c.Name, System: others, Variant: "all", Metric: "processors", Value: before.others(after), Unit: Share, N: 1, Notes: r.notes})
	}
	return r.asked, errors.Join(err, r.failure())
}

// cutShort is what a case says that was interrupted.
const cutShort = "cut: it was interrupted, and this is what was measured by then"

// failure is what went wrong without ending the case.
func (r *Run) failure() error { return errors.Join(append(r.lost, r.err)...) }

// Lose leaves a system out that cannot be measured: the others are. The case ends with its error all the same. Without Ours
// there is nothing to compare: its error is returned, for the case to end with.
func (r *Run) Lose(system string, err error) error {
	if system == Ours || context.Cause(r.ctx) != nil {
		return err
	}
	r.Note("without %s: %v", system, err)
	r.lost = append(r.lost, err)
	return nil
}

// others is the system of what other processes had of the machine while a case was measured.
const others = "others"

func (c *Case) run(ctx context.Context, o *Options, print func(Row)) *Run {
	r := &Run{c: c, ctx: ctx, print: print, seen: map[[2]string]bool{}}
	if o != nil {
		r.Options = *o
	}
	return r
}

// Print prints a figure of the case. It has to be of a system and a variant whose answers were compared; figures
// of all variants together may be called "all", "geomean" and "worst".
func (r *Run) Print(row Row) {
	row.Case = r.c.Name
	key := [2]string{row.System, row.Variant}
	if slices.Contains([]string{"all", "geomean", "worst"}, row.Variant) {
		key[1] = ""
	}
	if !r.seen[key] {
		if r.err == nil {
			r.err = fmt.Errorf("%w: %s %s %s", ErrUnverified, row.System, row.Variant, row.Metric)
		}
		return
	}
	row.Variant = brief(row.Variant) // which may be what a plugin calls its functions
	r.printed = append(r.printed, row)
	r.print(row)
}

// Samples prints the median and the spread of what was found in rounds.
func (r *Run) Samples(system, variant, metric, unit string, samples []float64) {
	r.Print(row(r.c.Name, system, variant, metric, unit, samples))
}

// fewestEvents are as many as have a 99th hundredth.
const fewestEvents = 100

// Quantiles prints the median, p99 and the longest of many events, in the order in which they happened, and how they
// are spread, for a drawing. Of fewer than a hundred there is no p99.
func (r *Run) Quantiles(system, variant, metric, unit string, events []float64) {
	if len(events) == 0 {
		return
	}
	if metric != "" {
		metric += "_"
	}
	sorted := slices.Sorted(slices.Values(events))
	_, spread := Middle(events)
	middle := Row{System: system, Variant: variant, Metric: metric + "p50", Value: middle(sorted), Unit: unit, N: len(events),
		Spread: spread, Samples: blocks(events)}
	for i := range 101 {
		middle.Quantiles = append(middle.Quantiles, rank(sorted, float64(i)/100))
	}
	r.Print(middle)
	if len(events) >= fewestEvents {
		r.Print(Row{System: system, Variant: variant, Metric: metric + "p99", Value: rank(sorted, 0.99), Unit: unit, N: len(events)})
	}
	r.Print(Row{System: system, Variant: variant, Metric: metric + "max", Value: rank(sorted, 1), Unit: unit, N: len(events)})
}

// blocks are the medians of twenty stretches of events, one after the other, so that runs can be compared by them.
func blocks(events []float64) (list []float64) {
	const n = 20
	if len(events) <= n {
		return slices.Clone(events)
	}
	for i := range n {
		list = append(list, Median(events[i*len(events)/n:(i+1)*len(events)/n]))
	}
	return list
}

// Verify holds an answer of a system against what it should be, before it is timed. The error is a *WrongError.
func (r *Run) Verify(system, variant string, got, want []byte) error {
	if system == r.Liar {
		got = append(slices.Clone(got), " of a liar"...)
	}
	if !bytes.Equal(got, want) {
		return &WrongError{system, variant, clip(got), clip(want)}
	}
	r.seen[[2]string{system, variant}], r.seen[[2]string{system, ""}] = true, true
	return nil
}

func clip(b []byte) string { return string(b[:min(len(b), 60)]) }

// Race verifies the answers of all racers, lets them take turns, and prints what each needs. want is the right
// answer; if it is nil, it is the one that the first racer gives. A racer that fails, or answers wrongly, has no
// figure, and the race goes on without it (Lose).
func (r *Run) Race(variant string, want []byte, racers []Racer) error {
	var right []Racer
	for _, racer := range racers {
		got, err := racer.Answer()
		if err != nil {
			err = fmt.Errorf("%s: %s: %w", variant, racer.System, err)
		} else {
			if want == nil {
				want = append([]byte{}, got...)
			}
			err = r.Verify(racer.System, variant, got, want)
		}
		if err == nil {
			racer.want = want
			right = append(right, racer)
		} else if err := r.Lose(racer.System, err); err != nil {
			return err
		}
	}
	results, err := r.race(variant, right)
	if err != nil {
		return err
	}
	report(r, variant, results)
	return nil
}

// Wanted says whether a variant is to be measured.
func (r *Run) Wanted(variant string) bool {
	if !slices.Contains(r.asked, variant) {
		r.asked = append(r.asked, variant)
	}
	return len(r.Variants) == 0 || slices.Contains(r.Variants, variant)
}

// RoundsOf is how many rounds there are to be.
func (r *Run) RoundsOf() int {
	switch {
	case r.Rounds > 0:
		return r.Rounds
	case r.Options.Quick && r.c.Quick > 0:
		return r.c.Quick
	case r.Options.Quick:
		return 5
	case r.c.Rounds > 0:
		return max(10, r.c.Rounds)
	}
	return 15
}

// Note tells who waits what was left out, and why, and keeps it beside the figures.
func (r *Run) Note(format string, args ...any) {
	note := brief(fmt.Sprintf(format, args...))
	if len(r.notes) < maxNotes {
		r.notes = append(r.notes, note)
	}
	if r.Log != nil {
		fmt.Fprintf(r.Log, "%s: %s\n", r.c.Name, note)
	}
}

// brief is a text that may be anybody's on one line, without its middle if it is long.
func brief(s string) string {
	return shorten(oneLine(s), 100, 40)
}

// oneLine is a text whose tabs and ends of lines are spaces.
func oneLine(s string) string {
	return printable(strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return ' '
		}
		return c
	}, s))
}

// shorten is a text of no more bytes than most, with its end, of so many bytes, where its middle is left out.
func shorten(s string, most, end int) string {
	const left = "…"
	if len(s) <= most {
		return s
	}
	whole := func(part string) string { return strings.ToValidUTF8(part, "") }
	return whole(s[:most-end-len(left)]) + left + whole(s[len(s)-end:])
}

// Choose returns the cases of a list that are to be measured, in its order: those that are named, or all; of a quick
// run those that are not long.
func Choose(cases []Case, o *Options, names []string) ([]Case, error) {
	var known []string
	for i := range cases {
		known = append(known, cases[i].Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no case %q; the cases are %s", name, strings.Join(known, ", "))
		}
	}
	var chosen []Case
	for _, c := range cases {
		if len(names) > 0 && slices.Contains(names, c.Name) || len(names) == 0 && !(c.Long && o.Quick) {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// RunAll measures cases one after the other, and says on log which, and how long the rest will take. keep, which may be nil, has
// each figure as soon as it is found. done is called after each case with what it printed, also if it failed: the others are
// measured all the same.
func RunAll(ctx context.Context, cases []Case, o *Options, keep *Keeper, done func(c *Case, rows []Row) error) error {
	if err := keep.accepts(cases, o); err != nil {
		return err
	}
	var failed []error
	var has []string // of variants
	pace := pace{began: time.Now()}
	for i := range cases {
		pace.left += cases[i].takes(o)
	}
	for i := range cases {
		c := &cases[i]
		if o.Log != nil {
			fmt.Fprintf(o.Log, "%d of %d  %-9s %s (%s left)\n", i+1, len(cases), c.Name, c.Help, pace.estimate())
		}
		var rows []Row
		asked, err := c.measure(ctx, o, func(r Row) {
			rows, has = append(rows, r), append(has, r.Variant)
			keep.row(&r)
		})
		has = append(has, asked...)
		pace.passed(c.takes(o))
		if kept := keep.done(c, o, asked, err != nil && ctx.Err() != nil); kept != nil {
			failed = append(failed, kept)
		}
		if shown := done(c, rows); shown != nil {
			return errors.Join(append(failed, shown)...)
		}
		if ctx.Err() != nil { // what the case fails by then is no fault of its
			return errors.Join(append(failed, fmt.Errorf("interrupted in %s, what was measured before is kept: %w", c.Name, ctx.Err()))...)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", c.Name, err))
		}
	}
	if len(failed) == 0 {
		return missing(o.Variants, has)
	}
	return errors.Join(failed...)
}

// missing is the error of variants that no case has.
func missing(wanted, has []string) error {
	slices.Sort(has)
	has = slices.DeleteFunc(slices.Compact(has), isTogether)
	for _, v := range wanted {
		if !slices.Contains(has, v) {
			return fmt.Errorf("no case that was measured has a variant %q; there are %s", brief(v), strings.Join(has, ", "))
		}
	}
	return nil
}

func (c *Case) takes(o *Options) time.Duration {
	if o.Quick {
		return max(c.TakesQuick, 100*time.Millisecond)
	}
	return max(c.Takes, time.Second)
}

// A pace is how fast this machine is beside the one that cases were declared on.
type pace struct {
	began       time.Time
	ended, left time.Duration // what was declared, of the cases that have ended and of the others
}

func (p *pace) passed(d time.Duration) { p.ended, p.left = p.ended+d, p.left-d }

func (p *pace) estimate() time.Duration {
	left := p.left
	if p.ended > 0 {
		left = time.Duration(float64(left) * float64(time.Since(p.began)) / float64(p.ended))
	}
	return left.Round(time.Second)
}
