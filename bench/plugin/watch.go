package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// What a process that is watched finds in its environment: the file that it writes to, and why wazero as it comes is left out.
const (
	watchFile    = "VITRINE_BENCH_WATCH"
	watchWithout = "VITRINE_BENCH_WITHOUT"
)

const (
	pulse    = 100 * time.Millisecond
	patience = 5 * time.Second // beyond what a call may take, for a machine that is busy
	parting  = 3 * time.Second // between being asked to end and being ended
)

// calls counts those that have ended since watch; it is zero while none is waited for.
var calls atomic.Int64

// A Watch runs this program again, and ends it when a call does not end: what wazero as it comes runs, nothing stops, not even
// the collector of the process, which waits for it and has every goroutine wait. So nobody in that process can help.
type Watch struct {
	Timeout time.Duration // of a call
	Memory  uint64        // that the process may have, in bytes
	Stdin   io.Reader     // for the process, and the next
	Stdout  io.Writer
	Stderr  io.Writer
}

// Watched says whether this process is watched by a Watch, and begins to tell that how it goes.
func Watched() bool {
	n, err := strconv.Atoi(os.Getenv(watchFile))
	if err != nil {
		return false
	}
	f := os.NewFile(uintptr(n), "watch")
	if err := os.Unsetenv(watchFile); err != nil || f == nil {
		return false
	}
	go func() {
		var last int64
		since := time.Now()
		for ; ; time.Sleep(pulse) {
			if n := calls.Load(); n != last || n == 0 {
				last, since = n, time.Now()
			}
			if _, err := fmt.Fprintln(f, int64(time.Since(since))); err != nil {
				return
			}
		}
	}()
	return true
}

// Run runs this program with args, and once more without wazero as it comes when that did not end. It answers the exit code of
// the last; ctx asks the process to end, and ends it soon after.
func (w *Watch) Run(ctx context.Context, args ...string) (code int, err error) {
	input, err := io.ReadAll(w.Stdin)
	if err != nil {
		return 0, err
	}
	code, why, err := w.once(ctx, input, "", args)
	if why != "" {
		_, _ = fmt.Fprintf(w.Stderr, "note: with wazero as it comes %s: measured again without it\n", why) // as in Fprint
		code, why, err = w.once(ctx, input, why, args)
	}
	if why != "" && err == nil {
		err = errors.New(why)
	}
	return code, err
}

// once runs the program; why says what it did when it had to be ended.
func (w *Watch) once(ctx context.Context, input []byte, without string, args []string) (code int, why string, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, "", err
	}
	told, tells, err := os.Pipe()
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = told.Close() }() // was read to its end
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = bytes.NewReader(input), w.Stdout, w.Stderr, []*os.File{tells}
	cmd.Env = append(os.Environ(), watchFile+"=3", watchWithout+"="+without)
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, parting
	err = cmd.Start()
	if err = errors.Join(err, tells.Close()); err != nil {
		return 0, "", err
	}
	if why = w.follow(cmd.Process.Pid, told); why != "" {
		_ = cmd.Process.Kill() // or it has ended, which is as well
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), why, err
	}
	return cmd.ProcessState.ExitCode(), why, err
}

// follow waits for the end of a process, "", or for what is reason enough to end it.
func (w *Watch) follow(pid int, told *os.File) string {
	most := w.Timeout + patience
	lines, heard := make([]byte, 64), time.Now()
	for {
		if err := told.SetReadDeadline(time.Now().Add(2 * pulse)); err != nil {
			return err.Error()
		}
		n, err := told.Read(lines)
		var took int64
		switch words := strings.Fields(string(lines[:n])); {
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return ""
		case len(words) > 0: // the last counts; what is cut is less
			heard = time.Now()
			took, _ = strconv.ParseInt(words[len(words)-1], 10, 64) // 0 is no reason
		}
		if time.Duration(took) > most || time.Since(heard) > most {
			return fmt.Sprintf("a call did not end within %v", w.Timeout)
		}
		if resident(pid) > w.Memory {
			return fmt.Sprintf("the process took more than %d MiB of memory", w.Memory>>20)
		}
	}
}

// resident is how much memory a process has, or 0 where that is not said: Linux says it in proc(5), statm.
func resident(pid int) uint64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(text))
	if len(words) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(words[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// withoutWazero is why wazero as it comes is left out, "" if it is not.
func withoutWazero() string { return os.Getenv(watchWithout) }

// watch has it noticed when no call ends from now on, until end is called.
func watch() (end func()) {
	calls.Store(1)
	return func() { calls.Store(0) }
}

// counted counts the calls of a system.
func counted(call func(context.Context) ([]byte, error)) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		out, err := call(ctx)
		calls.Add(1)
		return out, err
	}
}
