package main

import (
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// No call is lost while versions change, and they leave nothing behind. make soak does it 10,000 times.
func TestReplacements(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 50
	}
	r, err := measure(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	if r.calls == 0 || len(r.rows()) != 14 {
		t.Errorf("%d calls, %d rows", r.calls, len(r.rows()))
	}
	// A version that stays takes some 70 KiB of heap, and its code.
	if grown := r.heap[1] - r.heap[0]; grown > n*16<<10 {
		t.Errorf("the heap grew by %d KiB in %d replacements", grown>>10, n)
	}
}
