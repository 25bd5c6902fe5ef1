package bench

import (
	"testing"
	"time"
)

func TestOthers(t *testing.T) {
	before, ok := used()
	if !ok {
		t.Skip("only Linux tells")
	}
	after := before
	for end := time.Now().Add(time.Minute); after.own-before.own < 2; after, _ = used() {
		if time.Now().After(end) {
			t.Fatal("this process does nothing")
		}
	}
	if o := (usage{100, 50, 10}).others(usage{300, 250, 110}); o != 0.5 {
		t.Errorf("others had %g", o)
	}
}
