package sandbox

import (
	"errors"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// Noticer is a View that tells the person also what a plugin that lives on could not do.
type Noticer interface {
	// Notice says, in words for the person, that the plugin failed at an event or wants to show what
	// cannot be shown; what it showed before stays. "" says that this is over. The plugin's own words
	// are in it, escaped and bounded; it comes from the same goroutine as a View's calls, however often
	// the plugin fails.
	Notice(text string)
}

// unshown is why a plugin has nothing to show: its first tree was refused.
type unshown struct{ error }

func (u unshown) Unwrap() error { return u.error }

// conclude tells the person how a call of the plugin went: err is its failure, or nil.
func (s *Sandbox) conclude(fn string, err error) {
	refused := s.refused()
	if refused != nil && !s.screen.shows() {
		_ = s.die(unshown{refused})
		return
	}
	switch {
	case refused != nil:
		s.notice(cannotShow(refused))
		s.stale = true
	case err != nil:
		s.notice("The plugin could not do that: " + words(err))
		s.stale = false
	case fn != abi.ExportTurn || s.stale && s.screen.fresh: // a turn makes up for no event
		s.notice("")
	}
}

// refused is why the newest tree or pixels of a call were refused, nil if they were not.
func (s *Sandbox) refused() error {
	if s.screen == nil {
		return nil
	}
	return s.screen.refused()
}

// notice tells the View, which hears once that there is none.
func (s *Sandbox) notice(text string) {
	n, ok := s.view.(Noticer)
	if !ok || text == "" && !s.noticed {
		return
	}
	s.noticed = text != ""
	n.Notice(text)
}

func cannotShow(err error) string {
	return "What the plugin wants to show cannot be shown: " + cut(reason(err), maxFaultWords)
}

// reason is what is wrong with a tree or pixels, without the offset, which only helps the author.
func reason(err error) string {
	text := err.Error()
	for _, kind := range []error{abi.ErrLimit, abi.ErrMalformed} {
		text = strings.TrimPrefix(text, kind.Error()+": ")
	}
	if at, rest, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(at, "offset ") {
		return rest
	}
	return text
}

// words are a plugin's own about its failure.
func words(err error) string {
	var guest *runtime.GuestError
	if errors.As(err, &guest) {
		return cut(strings.TrimPrefix(guest.Message, "panic: "), maxFaultWords)
	}
	return "it failed"
}
