package sandbox_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// What holds is what is declared and granted. The actor imports ui, log and http, so declaring less
// than that is refused by Load; grants vary.
func TestEffectiveRights(t *testing.T) {
	for name, c := range map[string]struct {
		grants []abi.Capability
		do     byte
		code   int32
		denied map[abi.Capability]uint64
	}{
		"log granted":     {[]abi.Capability{abi.CapUI, abi.CapLog}, doLog, 0, nil},
		"log not granted": {[]abi.Capability{abi.CapUI}, doLog, -1, map[abi.Capability]uint64{abi.CapLog: 1}},
		"ui granted":      {[]abi.Capability{abi.CapUI}, doPaint, 0, nil},
		"ui not granted":  {[]abi.Capability{abi.CapProps}, doPaint, -1, map[abi.Capability]uint64{abi.CapUI: 2}}, // mount renders
		"http declared":   {[]abi.Capability{abi.CapUI}, doHTTP, -1, map[abi.Capability]uint64{abi.CapHTTP: 1}},
		"not declared":    {[]abi.Capability{abi.CapUI, abi.CapRandom, abi.CapClock}, doHTTP, -1, map[abi.Capability]uint64{abi.CapHTTP: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, nil)
			s := box(t, p, newStage(), c.grants...)
			must(t, s.Mount(abi.MountContext{Locale: "en"}))
			must(t, s.Event(command(c.do)))
			if got := number(t, s, "code"); got != c.code {
				t.Errorf("the function answered %d, want %d", got, c.code)
			}
			if got := s.Denied(); !maps.Equal(got, c.denied) {
				t.Errorf("denied %v, want %v", got, c.denied)
			}
		})
	}
}

func TestGrantsThatCannotBeGiven(t *testing.T) {
	p := load(t, nil)
	for _, c := range []abi.Capability{"gravity", ""} {
		s, err := p.New(&sandbox.Options{Grants: []abi.Capability{abi.CapUI, c}})
		if s != nil || !errors.Is(err, sandbox.ErrGrant) || !strings.Contains(err.Error(), "plugin[actor]") {
			t.Errorf("grant %q: %v, %v", c, s, err)
		}
	}
}

func TestDeniedIsAnAnswerThePluginCanGive(t *testing.T) {
	s := box(t, load(t, nil), nil)
	_, err := s.Call(context.Background(), "fetch", nil)
	var guest *runtime.GuestError
	if !errors.As(err, &guest) || guest.Code != abi.CodeDenied {
		t.Errorf("got %v, want the plugin's own denied", err)
	}
	if out, err := s.Call(context.Background(), "echo", []byte("alive")); err != nil || string(out) != "alive" {
		t.Errorf("after that: %q, %v", out, err)
	}
}

func TestDenialsAreLoggedOnceASecond(t *testing.T) {
	var log lines
	s := box(t, load(t, &sandbox.Policy{Logger: log.logger()}), nil)
	began := time.Now()
	for range 100 {
		_, _ = s.Call(context.Background(), "fetch", nil)
	}
	if got := s.Denied()[abi.CapHTTP]; got != 100 {
		t.Errorf("%d denials counted, want 100", got)
	}
	got := strings.Count(log.String(), "sandbox: denied")
	if most := 3 + int(time.Since(began)/time.Second); got < 1 || got > most {
		t.Errorf("%d lines for 100 denials:\n%s", got, log.String())
	}
	if !strings.Contains(log.String(), "plugin=actor version=1.0.0 principal=somebody capability=http times=1") {
		t.Errorf("the log has\n%s", log.String())
	}
}
