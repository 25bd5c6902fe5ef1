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
			if said, err := s.Once(ctx); err != nil || string(said) != "world" {
				t.Errorf("%s: %q, %v", s.Name(), said, err)
			}
		}
	}
	if err := errors.Join(v.Close(ctx), w.Close(ctx)); err != nil {
		t.Error(err)
	}
	if _, err := v.Once(ctx); err == nil {
		t.Error("what is closed answers")
	}
	for answer, want := range map[string]string{"WORLD": "world", "hello world": "world", "world": "world", "hello": "hello", "hello world!": "hello world!", "xworld": "xworld", "": ""} {
		if said, err := fresh.Said([]byte(answer), nil); err != nil || string(said) != want {
			t.Errorf("%q says %q, %v", answer, said, err)
		}
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
	said, err := v.Once(ctx)
	fmt.Println(string(said), err)
	// Output: world <nil>
}
