package bench

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Command is a program that measures cases, for the modules that have heavy ones: `vitrine bench` without its
// reports. It returns the program's exit code.
func Command(args []string, cases func() []Case, stdout, stderr io.Writer) int {
	if asked, code := ServeChild(args[1:], cases); asked {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, args, cases(), stdout, stderr); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string, cases []Case, stdout, stderr io.Writer) error {
	o := &Options{Tree: Tree("."), Log: stderr}
	var only, variants, keep, out string
	var list, asJSON, all bool
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.Quick, "quick", false, "few and short rounds: a first look, not a claim")
	flags.IntVar(&o.Rounds, "rounds", 0, "how many rounds, in place of what a case says")
	flags.DurationVar(&o.Turn, "turn", 0, "how long a turn lasts, about")
	flags.StringVar(&only, "only", "", "the cases to measure, comma-separated; none is all")
	flags.StringVar(&variants, "variants", "", "the variants of them, comma-separated; none is all")
	flags.BoolVar(&list, "list", false, "say which cases there are, and measure nothing")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object a figure")
	flags.BoolVar(&all, "all", false, "every variant in the table, also of a case that has many")
	flags.StringVar(&out, "out", "", "keep the figures and the machine in a `file`")
	flags.StringVar(&keep, "keep", "", "keep them in a `folder`, each case in a file of its name")
	switch err := flags.Parse(args[1:]); {
	case errors.Is(err, flag.ErrHelp): // which it has written
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0: // what comes after it would be passed over
		return fmt.Errorf("%q is no flag: name cases by -only, comma-separated, and see -h", flags.Arg(0))
	}
	o.Variants = split(variants)
	chosen, err := Choose(cases, o, split(only))
	if err != nil {
		return err
	}
	if list {
		for i := range chosen {
			fmt.Fprintf(stdout, "%-10s %s (%s)\n", chosen[i].Name, chosen[i].Help, strings.Join(chosen[i].Systems, " "))
		}
		return nil
	}
	if err := Prepare(keep, out); err != nil {
		return err
	}
	kept := &Keeper{Machine: ThisMachine(args), File: out, Dir: keep}
	err = RunAll(ctx, chosen, o, kept, func(_ *Case, rows []Row) error { return show(stdout, rows, asJSON, all) })
	return errors.Join(err, kept.Close())
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func show(w io.Writer, rows []Row, asJSON, all bool) error {
	if !asJSON {
		return WriteTable(w, rows, all)
	}
	enc := json.NewEncoder(w)
	for i := range rows {
		if err := enc.Encode(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}
