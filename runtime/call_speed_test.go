package runtime_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/experimental"

	"github.com/vitrine-run/vitrine/runtime"
)

// A call on a warm instance makes nothing but its answer, whatever context it comes with: what that
// switches on in an engine, such as snapshots for which wazero makes a context a call, is not heard.
func TestCallAllocatesItsAnswer(t *testing.T) {
	in := instantiate(t, compile(t, newRuntime(t, nil), "abi", nil), nil)
	withDeadline, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	snapshots := experimental.WithSnapshotter(context.Background())
	for _, ctx := range []context.Context{context.Background(), withDeadline, snapshots} {
		for _, tt := range []struct {
			fn    string
			input int
			want  float64
		}{{"empty", 0, 0}, {"empty", 1 << 10, 0}, {"echo", 1 << 10, 1}, {"echo", 1 << 16, 1}} {
			input := make([]byte, tt.input)
			got := testing.AllocsPerRun(100, func() {
				if _, err := in.Call(ctx, tt.fn, input); err != nil {
					t.Fatal(err)
				}
			})
			if got != tt.want {
				t.Errorf("%s with %d bytes: %v allocations, want %v", tt.fn, tt.input, got, tt.want)
			}
		}
	}
}

// Calls from many goroutines meet ErrBusy and Close, and nothing else.
func TestCallsThatMeet(t *testing.T) {
	in := instantiate(t, compile(t, newRuntime(t, nil), "abi", nil), nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				_, err := in.Call(context.Background(), "echo", []byte("to and fro"))
				if err == runtime.ErrClosed {
					return
				}
				if err != nil && err != runtime.ErrBusy {
					t.Error(err)
					return
				}
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	if err := in.Close(context.Background()); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

// A number of 32 bits is one, whatever the call before has left in its place.
func TestInvokeReturnsNothingOfTheCallBefore(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "abi", nil), nil)
		if _, err := in.Call(context.Background(), "echo", []byte("leaves an address in the upper half")); err != nil {
			t.Fatal(err)
		}
		if got, err := in.Invoke(context.Background(), "wrong_type", 7); err != nil || got[0] != 7 {
			t.Errorf("%#x, %v; want 7", got, err)
		}
		if got, err := in.Invoke(context.Background(), "one"); err != nil || got[0] != 1 {
			t.Errorf("%#x, %v; want 1", got, err)
		}
	})
}
