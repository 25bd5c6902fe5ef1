package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// childWord is the first argument of a program that is to measure a part of a case in a process of its own.
const childWord = "bench-child"

// Began is when a child's process began: its main function, if that begins with ServeChild.
func (r *Run) Began() time.Time { return r.began }

// ServeChild does what Apart has asked this process for, and says whether it was asked for anything. A program that
// measures calls it before it does anything else, with its arguments and its cases.
//
//	if asked, code := bench.ServeChild(os.Args[1:], cases); asked {
//		os.Exit(code)
//	}
func ServeChild(args []string, cases func() []Case) (asked bool, code int) {
	began := time.Now()
	serves = true
	if len(args) < 3 || args[0] != childWord {
		return false, 0
	}
	if err := serveChild(began, args, cases()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return true, 1
	}
	return true, 0
}

func serveChild(began time.Time, args []string, cases []Case) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o Options
	if err := json.Unmarshal([]byte(args[2]), &o); err != nil {
		return err
	}
	for i := range cases {
		c := &cases[i]
		do := c.Child
		if c.Processes && len(args) > 3 && args[3] == sittingWord {
			do = func(ctx context.Context, r *Run, _ []string) error { return c.Measure(ctx, r) }
		}
		if c.Name != args[1] || do == nil {
			continue
		}
		enc := json.NewEncoder(os.Stdout)
		r := c.run(ctx, &o, func(row Row) { _ = enc.Encode(&row) }) // who reads may have gone
		r.began = began
		err := errors.Join(do(ctx, r, args[3:]), r.failure())
		if err != nil {
			f := failed{Failed: err.Error()}
			errors.As(err, &f.Wrong)
			_ = enc.Encode(f) // as above
		}
		return err
	}
	return fmt.Errorf("bench: case %q has no child", args[1])
}

// failed is how a child tells its parent what went wrong, and whether an answer was: in the last line that it writes.
type failed struct {
	Failed string      `json:"failed"`
	Wrong  *WrongError `json:"wrong,omitempty"`
}

// ended takes what a child has written apart: its lines, and the error that it ended with.
func ended(out []byte, err error) ([]byte, error) {
	if err == nil {
		return out, nil
	}
	out = bytes.TrimSpace(out)
	at := bytes.LastIndexByte(out, '\n') + 1
	var f failed
	switch known := json.Unmarshal(out[at:], &f) == nil && f.Failed != ""; {
	case !known:
		return out, fmt.Errorf("in its own process: %w", err)
	case f.Wrong != nil:
		return out[:at], f.Wrong
	}
	return out[:at], errors.New(f.Failed)
}

// Command is the case's Child in a process of its own, which is this program again. Who starts it reads what it writes.
func (r *Run) Command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	o, err := json.Marshal(&r.Options)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{childWord, r.c.Name, string(o)}, args...)...)
	if cmd.Stderr = os.Stderr; r.Log != nil {
		cmd.Stderr = r.Log
	}
	return cmd, nil
}

// Output runs a command of Command, and answers what it has written. The error is what the child ended with.
func (r *Run) Output(cmd *exec.Cmd) ([]byte, error) { return ended(cmd.Output()) }

// Apart has the case's Child measure in a process of its own, and prints the figures that it printed, each of
// which it has verified, also if it failed after them.
func (r *Run) Apart(ctx context.Context, args ...string) error {
	cmd, err := r.Command(ctx, args...)
	if err != nil {
		return err
	}
	out, failed := r.Output(cmd)
	found, err := Read(bytes.NewReader(out))
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, row := range found.Rows {
		r.seen[[2]string{row.System, row.Variant}], r.seen[[2]string{row.System, ""}] = true, true
		r.Print(row)
	}
	return failed
}
