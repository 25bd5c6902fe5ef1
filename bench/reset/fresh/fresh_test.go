package fresh_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vitrine-run/vitrine/bench/reset/fresh"
)

func TestSystemsAnswer(t *testing.T) {
	ctx := context.Background()
	v, err := fresh.NewVitrine(ctx, fresh.CGuest)
	if err != nil {
		t.Fatal(err)
	}
	w, err := fresh.NewWazero(ctx, fresh.CGuest)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []fresh.System{v, fresh.Starting{Vitrine: v}, w} {
		for range 3 {
			if err := s.Once(ctx); err != nil {
				t.Errorf("%s: %v", s.Name(), err)
			}
		}
	}
	if err := errors.Join(v.Close(ctx), w.Close(ctx)); err != nil {
		t.Error(err)
	}
	if v.Once(ctx) == nil || fresh.Check([]byte("hello"), nil) == nil {
		t.Error("no error")
	}
}

func ExampleNewVitrine() {
	ctx := context.Background()
	v, err := fresh.NewVitrine(ctx, fresh.CGuest)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer v.Close(ctx)
	fmt.Println(v.Once(ctx), v.Once(ctx))
	// Output: <nil> <nil>
}
