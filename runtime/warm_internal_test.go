package runtime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

// A guest that filled its memory and was stopped leaves pages to the next one, and nothing in them.
func TestWarmMemoryIsClean(t *testing.T) {
	ctx := context.Background()
	rt, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("testdata/bombs/fill_loop.wasm")
	if err != nil {
		t.Fatal(err)
	}
	m, err := rt.Compile(ctx, code, &Limits{WallTime: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		in, err := m.Instantiate(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := in.mem.Bytes()
		if n := len(b) - bytes.Count(b, []byte{0}); n != 0 {
			t.Fatalf("%d bytes of another guest", n)
		}
		if _, err := in.Invoke(ctx, "run"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); rt.pool.memories.Stats().Kept+rt.pool.memories.Stats().Dropped == 0; {
			if time.Now().After(end) {
				t.Fatal("what the guest had was never zeroed")
			}
			time.Sleep(time.Millisecond)
		}
	}
	s := rt.pool.memories.Stats()
	if s.Kept > 0 && s.Taken == 0 {
		t.Errorf("%+v: no guest had warm memory", s)
	}
	if err := rt.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if s := rt.pool.memories.Stats(); s.Bytes != 0 {
		t.Errorf("%+v after Close", s)
	}
}
