// Command vitrine runs plugins, builds them, and serves them.
//
//	$ vitrine call fib.wasm fib 20
//	6765
//	$ vitrine build examples/counter
//	$ vitrine serve --demo
//	listening on http://127.0.0.1:8080
//
// Answers go to stdout, talk goes to stderr. The exit code is 0 if all went well, 1 for
// wrong usage or files that cannot be read, 2 for a trap or the plugin's own error, 3
// for a limit, 4 for a right that is missing and 5 for a module or manifest that is no
// good.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/vitrine-run/vitrine/bench"
)

func main() {
	if asked, code := bench.ServeChild(os.Args[1:], benchCases); asked {
		os.Exit(code)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// cli has one field a command; each command is a file.
type cli struct {
	Call         callCmd         `cmd:"" help:"Run a module or a plugin's function once, within limits."`
	Inspect      inspectCmd      `cmd:"" help:"Say what a module or a plugin can reach, and what it offers."`
	Explain      explainCmd      `cmd:"" help:"Say why a call or a contribution of a plugin is allowed or refused."`
	CheckUpgrade checkUpgradeCmd `cmd:"" help:"Compare the rights of two versions of a plugin."`
	Build        buildCmd        `cmd:"" help:"Compile plugins written in Go."`
	Serve        serveCmd        `cmd:"" help:"Show plugins in a page."`
	Replay       replayCmd       `cmd:"" help:"Play a record of a page again, without a browser."`
	Bench        benchCmd        `cmd:"" help:"Measure what isolation costs, on this machine."`
	Version      versionCmd      `cmd:"" help:"Say which version this is."`
}

// env is what a command sees of the process.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	rest           []string // what stands after "--"
	answered       bool     // a JSON object has been printed
}

// print answers with one JSON object.
func (e *env) print(v any) error {
	e.answered = true
	return printJSON(e.stdout, v)
}

// The exit codes.
const (
	exitOK      = 0
	exitUsage   = 1
	exitGuest   = 2
	exitLimit   = 3
	exitDenied  = 4
	exitInvalid = 5
)

// exitError ends the program with a code. With a nil err all has been said.
type exitError struct {
	code int
	err  error
	hint string // what to do about it, or ""
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// run is main without the process.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		// kong leaves the parser by calling Exit, which is not expected to return.
		if r := recover(); r != nil {
			asked, ok := r.(exitRequest)
			if !ok {
				panic(r)
			}
			code = int(asked)
		}
	}()
	parser, err := kong.New(&cli{}, kong.Name("vitrine"),
		kong.Description("Runs other people's plugins as WebAssembly, sealed, and shows what they render."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exitRequest(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fail(stderr, err)
	}
	args, rest := splitArgs(args)
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr, rest: rest}
	ctx, err := parser.Parse(args)
	if err != nil {
		err = &exitError{code: exitUsage, err: err, hint: "vitrine --help lists commands and flags"}
	} else if err = ctx.Run(e); err == nil {
		return exitOK
	}
	if slices.Contains(args, "--json") && !e.answered {
		if printed := e.print(failureOf(args, err)); printed != nil {
			err = errors.Join(err, printed)
		}
	}
	return fail(stderr, err)
}

// failure is what --json says when a command did not get as far as its own answer.
type failure struct {
	Status string `json:"status"`
	Error  string `json:"error"`
}

// failureOf is the answer to a command line that could not be followed.
func failureOf(args []string, err error) any {
	if args[0] == "call" {
		return (&outcome{err: err}).report()
	}
	status, _ := judge(err)
	return &failure{status, err.Error()}
}

type exitRequest int

// splitArgs cuts the arguments at "--", and keeps the parser from taking negative
// numbers for flags: they are marked here and unmarked by unmarked.
func splitArgs(args []string) (flags, rest []string) {
	if i := slices.Index(args, "--"); i >= 0 {
		args, rest = args[:i], args[i+1:]
	}
	flags = slices.Clone(args)
	for i, a := range flags {
		if _, err := strconv.ParseFloat(a, 64); err == nil && a[0] == '-' {
			flags[i] = negative + a[1:]
		}
	}
	return flags, rest
}

// negative stands for a minus sign: U+2212, which numbers on a command line do not have.
const negative = "\u2212"

func unmarked(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, negative); ok {
			a = "-" + rest
		}
		out[i] = a
	}
	return out
}

// fail reports an error and returns the exit code it asks for.
func fail(stderr io.Writer, err error) int {
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{code: exitUsage, err: err}
	}
	if e.err != nil {
		fmt.Fprintf(stderr, "vitrine: %v\n", err)
	}
	if e.hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", e.hint)
	}
	return e.code
}
