package bridge

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/abi"
)

const (
	maxNotice   = 300                    // characters of a notice
	noticeEvery = 500 * time.Millisecond // a page hears no more of them; the newest counts
)

// notice is what a person is told about a plugin that could not do something and goes on.
type notice struct {
	text   string // "" for none
	unsent bool
	told   bool        // the page shows one, or did before the person closed it
	at     time.Time   // when the last was sent
	timer  *time.Timer // runs while one waits until it may be sent
}

// Notice shows text to the person beside what the plugin shows, which lives on: it could not do what
// was asked of it. "" takes the notice away. Of notices that come fast the newest is shown. The text
// may be anybody's: what does not print is escaped and more than 300 characters are cut.
func (m *Mount) Notice(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return
	}
	m.notice.text = plain(text)
	m.notice.unsent = text != "" || m.notice.told
	if m.notice.unsent {
		m.wakeUp()
	}
}

// nextNotice appends the notice that the page lacks, unless it is too early for it.
func (m *Mount) nextNotice(b []byte) []byte {
	n := &m.notice
	if !n.unsent {
		return b
	}
	now := m.now()
	if wait := n.at.Add(noticeEvery).Sub(now); wait > 0 {
		if n.timer == nil {
			n.timer = time.AfterFunc(wait, m.noticeDue)
		}
		return b
	}
	n.unsent, n.told, n.at = false, n.text != "", now
	return (&abi.Fault{Mount: m.number, Code: abi.FaultNotice, Text: n.text}).Append(b)
}

func (m *Mount) noticeDue() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notice.timer = nil
	m.wakeUp()
}

// again is for a page that was cut off: it has put the notice away.
func (n *notice) again() { n.unsent, n.told, n.at = n.text != "", false, time.Time{} }

func (n *notice) forget() {
	if n.timer != nil {
		n.timer.Stop()
	}
	*n = notice{}
}

// plain escapes what does not print, such as line breaks and overrides of the direction of writing,
// and cuts what is longer than a notice may be.
func plain(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s { // what is not UTF-8 is U+FFFD
		piece := string(r)
		if !unicode.IsPrint(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			piece = quoted[1 : len(quoted)-1]
		}
		if n += utf8.RuneCountInString(piece); n >= maxNotice {
			return b.String() + "…"
		}
		b.WriteString(piece)
	}
	return b.String()
}

// ends tells whether a frame is the last of its session.
func ends(frame []byte) bool {
	var f abi.Fault
	return abi.TypeOf(frame) == abi.FrameFault && (f.Parse(frame) != nil || f.Code != abi.FaultNotice)
}
