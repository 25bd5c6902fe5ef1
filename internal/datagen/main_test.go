package main

import (
	"bytes"
	"os"
	"testing"
)

// The table that is committed is the one that the generator writes.
func TestSameBytes(t *testing.T) {
	want, err := os.ReadFile("../../examples/tablelens/data/rides.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("rides.csv is stale: go generate ./examples")
	}
	if rows := bytes.Count(want, []byte{'\n'}) - 1; rows < 50_000 || len(want) > 3_500_000 {
		t.Errorf("%d rows, %d bytes", rows, len(want))
	}
}
