package bridge_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// notice applies the next frame, which must be a notice.
func (s *script) notice(text string) {
	s.t.Helper()
	s.mount.Notice(text)
	s.frame(next(s.t, s.mount, abi.FrameFault))
}

func noticeVectors(t *testing.T) []vectorCase {
	var out []vectorCase
	synctest.Test(t, func(t *testing.T) {
		comes := newScript(t, "a notice comes and goes, and the plugin answers on")
		comes.show(button("go", func(w *abi.TreeWriter) { w.On(0, 1) }))
		comes.person(2, 0, nil, true)
		comes.notice("The plugin could not do that: <b>boom</b> \u202e\n")
		comes.mount.Idle()
		comes.pump()
		comes.person(2, 0, nil, true)
		comes.show(button("gone", func(w *abi.TreeWriter) { w.On(0, 2) }))
		time.Sleep(time.Second)
		comes.notice("")

		newest := newScript(t, "the newest counts; RESUMED puts a notice away, and it comes again")
		newest.show(texts("one"))
		newest.notice("first")
		time.Sleep(time.Second)
		newest.notice("second")
		newest.cut()

		ends := newScript(t, "a notice goes when the mount ends")
		ends.show(texts("one"))
		ends.notice("careful")
		ends.mount.Fault(abi.Fault{Code: abi.FaultPlugin, Text: "The plugin crashed."})
		ends.pump()
		out = []vectorCase{comes.c, newest.c, ends.c}
	})
	return out
}

// said is the text of the next frame, which must be a notice.
func said(t testing.TB, m *bridge.Mount) string {
	t.Helper()
	var f abi.Fault
	if err := f.Parse(next(t, m, abi.FrameFault)); err != nil || f.Code != abi.FaultNotice || f.Mount != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	return f.Text
}

func TestNoticeNewestWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, page := mounted(t, still{}, nil)
		defer m.Close()
		var woken atomic.Int32
		m.Attach(func() { woken.Add(1) })
		m.Notice("before anything is shown")
		none(t, m)
		m.Tree(counted(0))
		if err := page.Apply(next(t, m, abi.FrameSnap)); err != nil {
			t.Fatal(err)
		}
		if got := said(t, m); got != "before anything is shown" {
			t.Errorf("said %q", got)
		}
		for range 1000 {
			m.Notice("no")
			none(t, m)
			m.Notice("")
		}
		m.Notice("newest")
		none(t, m)
		woken.Store(0)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if n := woken.Load(); n != 1 {
			t.Errorf("woken %d times", n)
		}
		if got := said(t, m); got != "newest" {
			t.Errorf("said %q", got)
		}
		none(t, m)
		time.Sleep(time.Second)
		m.Notice("")
		if got := said(t, m); got != "" {
			t.Errorf("said %q", got)
		}
		m.Notice("") // there is none
		time.Sleep(time.Second)
		none(t, m)
		m.Notice("one that waits when the mount ends")
		m.Notice("")
		none(t, m)
	})
}

func TestNoticeIsNotSentToWhatIsHidden(t *testing.T) {
	m, page := mounted(t, still{}, nil)
	m.Tree(counted(0))
	pump(t, m, page)
	receive(t, m, (&abi.Visible{Mount: 1}).Append(nil))
	m.Notice("no")
	none(t, m)
	receive(t, m, (&abi.Visible{Mount: 1, Visible: true}).Append(nil))
	if got := said(t, m); got != "no" {
		t.Errorf("said %q", got)
	}
	m.Fault(abi.Fault{Code: abi.FaultPlugin})
	m.Notice("too late")
	pumpFault(t, m, page, abi.FaultPlugin)
}

// TestNoticeIsPlain: whatever a plugin says of itself stays a short line.
func TestNoticeIsPlain(t *testing.T) {
	for in, want := range map[string]string{
		"tür <b>":                           "tür <b>",
		"a\nb\x00\x1b[31m":                  `a\nb\x00\x1b[31m`,
		"\u202eevil\u2066":                  `\u202eevil\u2066`,
		"zero\u200bwidth":                   `zero\u200bwidth`,
		"bad\xffbyte":                       "bad\ufffdbyte",
		strings.Repeat("ü", 299):            strings.Repeat("ü", 299),
		strings.Repeat("日", 90000):          strings.Repeat("日", 299) + "…",
		strings.Repeat("x", 297) + "\u202e": strings.Repeat("x", 297) + "…",
	} {
		m, page := mounted(t, still{}, nil)
		m.Tree(counted(0))
		pump(t, m, page)
		m.Notice(in)
		if got := said(t, m); got != want {
			t.Errorf("%.60q is shown as %.60q", in, got)
		}
	}
}
