package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

func wasi(t *testing.T, opts *runtime.Options, limits *runtime.Limits, inst *runtime.InstanceOptions) *runtime.Instance {
	t.Helper()
	return instantiate(t, compile(t, newRuntime(t, opts), "wasi", limits), inst)
}

func invoke(t *testing.T, in *runtime.Instance, fn string, args ...uint64) uint64 {
	t.Helper()
	got, err := in.Invoke(context.Background(), fn, args...)
	if err != nil {
		t.Fatalf("%s: %v", fn, err)
	}
	if len(got) == 0 {
		return 0
	}
	return got[0]
}

func TestRunCommand(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		want := strings.Repeat("vitrine ", 10_000)
		var out bytes.Buffer
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Stdin: strings.NewReader(want), Stdout: &out})
		if err := in.Run(context.Background()); err != nil || out.String() != want {
			t.Errorf("%d bytes, %v", out.Len(), err)
		}
		var exit *runtime.ExitError
		if err := in.Run(context.Background()); !errors.As(err, &exit) || exit.Code != 0 {
			t.Errorf("running twice: %v", err)
		}
	})
}

func TestRunOutputIsCapped(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		var out bytes.Buffer
		in := wasi(t, opts, &runtime.Limits{Output: 10_000, LogBytes: 10},
			&runtime.InstanceOptions{Stdin: strings.NewReader(strings.Repeat("x", 100_000)), Stdout: &out})
		if err := in.Run(context.Background()); err != nil || out.Len() != 10_000 || !in.Stats().StdoutCut {
			t.Errorf("%d bytes, %+v, %v", out.Len(), in.Stats(), err)
		}
	})
}

func TestLogIsCappedForEachCall(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		var out, errs bytes.Buffer
		in := wasi(t, opts, &runtime.Limits{LogBytes: 5000}, &runtime.InstanceOptions{Stdout: &out, Stderr: &errs})
		invoke(t, in, "say", 1, 1)
		if s := in.Stats(); s.StdoutCut || s.StderrCut {
			t.Error("cut too early")
		}
		invoke(t, in, "say", 1, 2)
		invoke(t, in, "say", 2, 1000)
		if s := in.Stats(); out.Len() != 4096+5000 || errs.Len() != 5000 || !s.StdoutCut || !s.StderrCut {
			t.Errorf("stdout %d, stderr %d, %+v", out.Len(), errs.Len(), s)
		}
	})
}

func TestSilentStdinDoesNotHoldTheDeadline(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		r, w := io.Pipe()
		defer w.Close()
		in := wasi(t, opts, &runtime.Limits{WallTime: short}, &runtime.InstanceOptions{Stdin: r})
		wantFault(t, in.Run(context.Background()), runtime.FaultDeadline, runtime.LimitWallTime)
	})
}

func TestWASIReachesNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := wasi(t, opts, nil, nil)
		t.Setenv("VITRINE_CANARY", "1")
		if n := invoke(t, in, "env"); n != 0 {
			t.Errorf("%d variables in the environment", n)
		}
		if n := invoke(t, in, "args"); n != 0 {
			t.Errorf("%d arguments", n)
		}
		for fd := range uint64(10) {
			if errno := invoke(t, in, "open", fd, 512, 10, 0, 2); errno == 0 {
				t.Errorf("opened a file at descriptor %d", fd)
			}
		}
		if invoke(t, in, "random") == invoke(t, in, "random") {
			t.Error("random numbers repeat")
		}
	})
}

func TestArgsAndEnv(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Args: []string{"prog", "x"}, Env: [][2]string{{"A", "b"}}})
		if args, env := invoke(t, in, "args"), invoke(t, in, "env"); args != 2 || env != 1 {
			t.Errorf("%d arguments, %d variables", args, env)
		}
	})
}

func TestDirIsReadOnlyAndSealed(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		top := t.TempDir()
		dir := filepath.Join(top, "shown")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, where := range map[string]string{"secret": top, "hello.txt": dir} {
			if err := os.WriteFile(filepath.Join(where, name), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("../secret", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Dirs: []runtime.Dir{{Host: dir, Guest: "/"}}})
		const read, write, create = 2, 64, 1
		for _, c := range []struct {
			name   string
			path   [2]uint64 // where in the guest's memory
			oflags uint64
			rights uint64
			ok     bool
		}{
			{"read", [2]uint64{528, 9}, 0, read, true},
			{"create", [2]uint64{512, 3}, create, write, false},
			{"dots", [2]uint64{544, 9}, 0, read, false},
			{"link", [2]uint64{560, 4}, 0, read, false},
		} {
			if errno := invoke(t, in, "open", 3, c.path[0], c.path[1], c.oflags, c.rights); (errno == 0) != c.ok {
				t.Errorf("%s: errno %d", c.name, errno)
			}
		}
		if errno := invoke(t, in, "write", 528, 9); errno == 0 {
			t.Error("wrote to a file")
		}
		if b, err := os.ReadFile(filepath.Join(dir, "hello.txt")); err != nil || string(b) != "x" {
			t.Errorf("the file now has %q, %v", b, err)
		}
		m := compile(t, newRuntime(t, opts), "wasi", nil)
		if _, err := m.Instantiate(context.Background(), &runtime.InstanceOptions{
			Dirs: []runtime.Dir{{Host: dir, Guest: "/"}, {Host: filepath.Join(top, "no"), Guest: "/no"}}}); err == nil {
			t.Error("a directory that is not there was mounted")
		}
	})
}

func TestClocksStandStill(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		const wall, mono = 0, 1
		frozen := wasi(t, opts, &runtime.Limits{WallTime: time.Minute}, nil)
		live := wasi(t, opts, &runtime.Limits{WallTime: time.Minute}, &runtime.InstanceOptions{LiveClock: true})
		for _, id := range []uint64{wall, mono} {
			if d := invoke(t, frozen, "elapsed", id, 3_000_000); d != 0 {
				t.Errorf("clock %d went %d ns during a call", id, d)
			}
			d := invoke(t, live, "elapsed", id, 3_000_000)
			for range 100 { // an engine may be done within a step of the clock
				if d == 0 {
					d = invoke(t, live, "elapsed", id, 3_000_000)
				}
			}
			if d == 0 || d%1e6 != 0 {
				t.Errorf("live clock %d went %d ns", id, d)
			}
		}
		if now := time.Unix(0, int64(invoke(t, frozen, "now", wall))); time.Since(now).Abs() > time.Minute || now.Nanosecond()%1e6 != 0 {
			t.Errorf("wall clock at %v", now)
		}
		if first := invoke(t, wasi(t, opts, nil, nil), "now", mono); first == 0 {
			t.Error("the monotonic clock begins at zero")
		}
	})
}

func TestSleepCostsTheGuestOnly(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		const wall, mono = 0, 1
		now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
		in := wasi(t, opts, &runtime.Limits{WallTime: time.Hour}, &runtime.InstanceOptions{Now: func() time.Time { return now }})
		began := time.Now()
		for _, id := range []uint64{wall, mono} {
			if d := time.Duration(invoke(t, in, "slept", id, uint64(50*time.Minute))); d != 50*time.Minute {
				t.Errorf("clock %d went %v", id, d)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		last := invoke(t, in, "now", mono)
		if last < uint64(50*time.Minute) {
			t.Errorf("the monotonic clock went back to %v", time.Duration(last))
		}
		if got := time.Unix(0, int64(invoke(t, in, "now", wall))); !got.Equal(now.Truncate(time.Millisecond)) {
			t.Errorf("wall clock of the next call is %v", got)
		}
		_, err := in.Invoke(context.Background(), "slept", 1, uint64(61*time.Minute))
		wantFault(t, err, runtime.FaultDeadline, runtime.LimitWallTime)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("errors.Is does not find DeadlineExceeded")
		}
	})
}

// Host code below a guest that panics, here its clock, is a fault of one guest, with nothing of the host in it.
func TestPanicBelowAGuest(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		broken := false
		in := wasi(t, opts, nil, &runtime.InstanceOptions{Now: func() time.Time {
			if broken {
				panic("/etc/localtime")
			}
			return time.Now()
		}})
		broken = true
		_, err := in.Invoke(context.Background(), "now", 0)
		if f := wantFault(t, err, runtime.FaultError, ""); f.Message != "the engine failed" {
			t.Error(f)
		}
	})
}
