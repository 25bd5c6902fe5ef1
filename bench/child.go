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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
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
		r := c.run(&o, func(row Row) { _ = enc.Encode(&row) }) // who reads may have gone
		r.began = began
		err := errors.Join(do(ctx, r, args[3:]), r.err)
		if wrong := (*WrongError)(nil); errors.As(err, &wrong) {
			_ = enc.Encode(failed{wrong}) // as above
		}
		return err
	}
	return fmt.Errorf("bench: case %q has no child", args[1])
}

// failed is how a child tells its parent that an answer was wrong.
type failed struct {
	Wrong *WrongError `json:"wrong"`
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

// Apart has the case's Child measure in a process of its own, and prints the figures that it printed, each of
// which it has verified.
func (r *Run) Apart(ctx context.Context, args ...string) error {
	cmd, err := r.Command(ctx, args...)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		var f failed
		last := out.Bytes()[bytes.LastIndexByte(bytes.TrimSpace(out.Bytes()), '\n')+1:]
		if json.Unmarshal(last, &f) == nil && f.Wrong != nil {
			return f.Wrong
		}
		return fmt.Errorf("%s in its own process: %w", r.c.Name, err)
	}
	found, err := Read(&out)
	if err != nil {
		return err
	}
	for _, row := range found.Rows {
		r.seen[[2]string{row.System, row.Variant}], r.seen[[2]string{row.System, ""}] = true, true
		r.Print(row)
	}
	return nil
}
