package sandbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

// told is a stage that hears notices too.
type told struct{ *stage }

var _ sandbox.Noticer = told{}

func (t told) Notice(text string) { t.note("notice: %s", text) }

const (
	noticeFailed  = "notice: The plugin could not do that: no, done"
	noticeDoubled = `notice: What the plugin wants to show cannot be shown: key "a" is doubled among its siblings, done`
	noticePixels  = "notice: What the plugin wants to show cannot be shown: 3 bytes of pixels, 1x1 need 4, done"
	noticeOver    = "notice: , tree 1, done"
	noticeBudget  = "notice: What the plugin wants to show cannot be shown: more than 7 bytes in one call, done"
)

func TestNotices(t *testing.T) {
	for name, c := range map[string]struct {
		policy sandbox.Policy
		do     []byte
		want   string
	}{
		"a failure":                     {do: []byte{doFail, doCount}, want: noticeFailed + ", " + noticeOver},
		"a tree":                        {do: []byte{doDouble, doCount}, want: noticeDoubled + ", " + noticeOver},
		"pixels":                        {do: []byte{doBadPaint, doCount}, want: noticePixels + ", " + noticeOver},
		"too much":                      {sandbox.Policy{ShowBytes: 7}, []byte{doDouble, doCount}, noticeBudget + ", " + noticeOver},
		"one after the other":           {do: []byte{doFail, doDouble, doFail, doCount}, want: noticeFailed + ", " + noticeDoubled + ", " + noticeFailed + ", " + noticeOver},
		"none":                          {do: []byte{doCount, doCount}, want: "tree 1, done, tree 2, done"},
		"a turn":                        {do: []byte{doDoubleLater}, want: "done, " + noticeDoubled},
		"an event that did nothing new": {do: []byte{doFail, doLog}, want: noticeFailed + ", notice: , done"},
	} {
		t.Run(name, func(t *testing.T) {
			view := told{newStage()}
			s := box(t, load(t, &c.policy), view)
			must(t, s.Mount(abi.MountContext{}))
			for _, do := range c.do {
				must(t, s.Event(command(do)))
			}
			view.expect(t, "tree 0, done, "+c.want)
		})
	}
}

// TestTurnsLeaveNoticesOfEvents: a plugin that does something all the time does not take away what a
// person has to read.
func TestTurnsLeaveNoticesOfEvents(t *testing.T) {
	view := told{newStage()}
	s := box(t, load(t, nil), view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doForever)))
	must(t, s.Event(command(doFail)))
	waitFor(t, "a notice", func() bool { return strings.Contains(view.String(), noticeFailed) })
	before := number(t, s, "turns")
	waitFor(t, "turns", func() bool { return number(t, s, "turns") > before+2 })
	if strings.Contains(view.String(), "notice: ,") {
		t.Error("turns took the notice away")
	}
	must(t, s.Restart()) // makes everything anew
	waitFor(t, "the plugin anew", func() bool { return strings.Contains(view.String(), "notice: , tree 0, done") })
}

func TestFirstTreeRefusedIsAFault(t *testing.T) {
	view := told{newStage()}
	s := box(t, load(t, &sandbox.Policy{Tree: &abi.TreeLimits{Bytes: 6}}), view)
	must(t, s.Mount(abi.MountContext{}))
	must(t, s.Event(command(doCount)))
	view.expect(t, "fault: What the plugin wants to show cannot be shown: the tree has 7 bytes, 6 are allowed, done, done")
	if _, err := s.Call(context.Background(), "echo", nil); !errors.Is(err, abi.ErrLimit) {
		t.Errorf("a plugin that shows nothing answers %v", err)
	}
}
