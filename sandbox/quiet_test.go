package sandbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// TestQuiet: it waits for work and turns, and not for what a closed or broken sandbox will never do.
func TestQuiet(t *testing.T) {
	s := box(t, load(t, nil), newStage())
	soon, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	must(t, s.Quiet(soon)) // it has not begun
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doAgain)))
	must(t, s.Quiet(soon))
	if n := number(t, s, "turns"); n == 0 {
		t.Error("there were turns to wait for")
	}
	must(t, s.Event(command(doForever)))
	brief, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer stop()
	if err := s.Quiet(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it wants turns for ever, and %v", err)
	}
	s.Visible(false) // one that is hidden gets none
	must(t, s.Quiet(soon))
	s.Visible(true)
	must(t, s.Event(command(doTrap)))
	must(t, s.Quiet(soon))
	s.Unmount()
	must(t, s.Quiet(soon))
}

// TestQuietForMany: everybody who waits is told, however they come and go.
func TestQuietForMany(t *testing.T) {
	s := box(t, load(t, nil), newStage())
	must(t, s.Mount(abi.MountContext{}))
	soon, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 50 {
				if n%2 == 0 {
					_ = s.Event(command(doAgain))
				}
				if err := s.Quiet(soon); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
