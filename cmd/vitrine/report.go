package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/sandbox"
)

// report is the outcome of a call, as --json prints it. What is not UTF-8 is there as base64.
type report struct {
	Status       string   `json:"status"`
	Results      []string `json:"results"`
	Output       *string  `json:"output,omitempty"`
	OutputBase64 *string  `json:"output_base64,omitempty"`
	Stdout       *string  `json:"stdout,omitempty"`
	StdoutBase64 *string  `json:"stdout_base64,omitempty"`
	Stderr       *string  `json:"stderr,omitempty"`
	StderrBase64 *string  `json:"stderr_base64,omitempty"`
	Fuel         uint64   `json:"fuel"`
	WallNS       int64    `json:"wall_ns"`
	CompileNS    int64    `json:"compile_ns"`
	PeakMemory   uint64   `json:"peak_memory"`
	Engine       string   `json:"engine"`
	Error        *string  `json:"error"`
}

// outcome is what a call led to.
type outcome struct {
	results        []string
	output         []byte
	stdout, stderr bytes.Buffer
	stats          runtime.Stats
	wall, compile  time.Duration
	engine         string
	denied         []abi.Capability // what the plugin was refused, whether it minded or not
	grantless      bool             // it was made for Extism, and was granted nothing
	err            error
}

func (o *outcome) report() *report {
	status, _ := judge(o.err)
	r := &report{
		Status: status, Results: o.results,
		Fuel: o.stats.Fuel, WallNS: o.wall.Nanoseconds(), CompileNS: o.compile.Nanoseconds(),
		PeakMemory: o.stats.PeakMemory, Engine: o.engine,
	}
	if r.Results == nil {
		r.Results = []string{}
	}
	r.Output, r.OutputBase64 = textOrBase64(o.output)
	r.Stdout, r.StdoutBase64 = textOrBase64(o.stdout.Bytes())
	r.Stderr, r.StderrBase64 = textOrBase64(o.stderr.Bytes())
	if o.err != nil {
		msg := o.err.Error()
		r.Error = &msg
	}
	return r
}

// textOrBase64 is b as JSON can have it: exactly one of the two is there.
func textOrBase64(b []byte) (text, coded *string) {
	if utf8.Valid(b) {
		s := string(b)
		return &s, nil
	}
	s := base64.StdEncoding.EncodeToString(b)
	return nil, &s
}

// print writes results and output for people; errors are the caller's to report.
func (o *outcome) print(w io.Writer) error {
	for _, r := range o.results {
		if _, err := fmt.Fprintln(w, r); err != nil {
			return err
		}
	}
	_, err := w.Write(o.output)
	return err
}

// errStdoutCut says that a command's output is not all there.
var errStdoutCut = errors.New("the command wrote more to stdout than it may")

// judge maps what ended a call to a status and an exit code.
func judge(err error) (status string, code int) {
	if err == nil {
		return "ok", exitOK
	}
	var (
		denied   *sandbox.DeniedError
		fault    *runtime.Fault
		exit     *runtime.ExitError
		invalid  *runtime.InvalidError
		snapshot *runtime.SnapshotError
		imports  *sandbox.ImportError
		manifest *abi.ManifestError
		guest    *runtime.GuestError
		foreign  *extism.Error
		asked    *exitError
	)
	switch {
	case errors.As(err, &denied):
		return "denied", exitDenied
	case errors.As(err, &invalid) && (invalid.Limit == runtime.LimitMemory || invalid.Limit == runtime.LimitTable):
		return invalid.Limit, exitLimit
	case errors.As(err, &invalid), errors.As(err, &snapshot), errors.As(err, &imports), errors.As(err, &manifest):
		return "invalid", exitInvalid
	case errors.Is(err, errStdoutCut):
		return "output", exitLimit
	case errors.As(err, &fault):
		return judgeFault(fault)
	case errors.As(err, &guest) && guest.Code == abi.CodeDenied:
		return "denied", exitDenied
	case errors.As(err, &guest), errors.As(err, &exit), errors.As(err, &foreign):
		return "error", exitGuest
	case errors.As(err, &asked):
		if asked.code == exitInvalid {
			return "invalid", exitInvalid
		}
		return "error", asked.code
	}
	return "error", exitUsage
}

func judgeFault(f *runtime.Fault) (status string, code int) {
	status = string(f.Kind)
	switch f.Kind {
	case runtime.FaultFuel, runtime.FaultDeadline, runtime.FaultMemory, runtime.FaultTable,
		runtime.FaultStack, runtime.FaultOutput:
		return status, exitLimit
	case runtime.FaultDenied:
		return status, exitDenied
	case runtime.FaultInvalid:
		return status, exitInvalid
	case runtime.FaultCanceled:
		return status, exitUsage
	}
	return status, exitGuest
}

// deniedHint says what to do about a denial: grant what can be granted.
func (o *outcome) deniedHint() string {
	if o.grantless {
		return extismHint
	}
	var grants, lacking []string
	for _, c := range o.denied {
		if hostfuncs.Offered(c) {
			grants = append(grants, "--grant "+string(c))
		} else {
			lacking = append(lacking, fmt.Sprintf("%q", string(c)))
		}
	}
	switch {
	case len(grants) > 0:
		return "allow it with " + strings.Join(grants, " ")
	case len(lacking) > 0:
		return "no host of this version offers " + strings.Join(lacking, ", ")
	}
	return ""
}
