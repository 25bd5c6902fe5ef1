package bridge

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// Bounds of what passes between a plugin and its page itself.
const (
	maxPageCalls   = 16  // that wait for their answer
	callsPerSecond = 100 // and twice that at once
	propsPerSecond = 20  // and twice that at once; more end the mount
)

// A PropsOpener is an Opener that starts a plugin with what its page sets of the props to begin with, so that it is rendered with
// them at once. A session of another Opener gets them in its MOUNT.
type PropsOpener interface {
	// OpenProps is Open; props are as abi.Props has them, and nobody has judged them yet.
	OpenProps(r *http.Request, ticket string, props []byte) (Session, error)
}

// A PropsPlugin is a Plugin whose page may set props. To one that is none they are refused.
type PropsPlugin interface {
	// Props replaces what the page has set. json is not judged yet, and the plugin's to keep; the plugin says by Take or Refuse
	// whether it takes it. Number is as abi.Props has it.
	Props(number uint32, json []byte)
}

// pageSide is what passes between a plugin and the page itself: props that the page sets, functions of the page that the plugin calls.
type pageSide struct {
	props  uint32      // number of the last that came
	often  bucket      // how often they may
	judged *judgement  // of the props; the newest
	told   bool        // the page, of it
	calls  []*pageCall // without an answer, oldest first
	last   uint32      // number of the newest
	asked  bucket      // how often the plugin may
}

// judgement is whether props were taken.
type judgement struct {
	number uint32
	code   abi.Code // CodeOK: they were
	text   string
}

// pageCall is a call that the page has not answered.
type pageCall struct {
	frame  abi.PageCall
	unsent bool
	answer chan abi.PageAnswer // gets one
}

func newPageSide(now time.Time) pageSide {
	return pageSide{often: newBucket(propsPerSecond, now), asked: newBucket(callsPerSecond, now)}
}

// waits tells whether there is something to send.
func (p *pageSide) waits() bool {
	return p.judged != nil && !p.told || slices.ContainsFunc(p.calls, func(c *pageCall) bool { return c.unsent })
}

// next appends a frame that waits.
func (p *pageSide) next(b []byte, mount uint32) []byte {
	if j := p.judged; j != nil && !p.told {
		p.told = true
		if j.code == abi.CodeOK {
			return (&abi.Taken{Mount: mount, Number: j.number}).Append(b)
		}
		return (&abi.Refused{Mount: mount, Number: j.number, Code: j.code, Text: j.text}).Append(b)
	}
	for _, c := range p.calls {
		if c.unsent {
			c.unsent, c.frame.Mount = false, mount
			return c.frame.Append(b)
		}
	}
	return b
}

// again is for a page that was cut off: it calls for each number once, and hears of each once, so that nothing is lost or done twice.
func (p *pageSide) again() {
	p.told = false
	for _, c := range p.calls {
		c.unsent = true
	}
}

// take removes a call; nil if it has its answer, or never was.
func (p *pageSide) take(number uint32) *pageCall {
	i := slices.IndexFunc(p.calls, func(c *pageCall) bool { return c.frame.Call == number })
	if i < 0 {
		return nil
	}
	c := p.calls[i]
	p.calls = slices.Delete(p.calls, i, i+1)
	return c
}

func (p *pageSide) forget() {
	for _, c := range p.calls {
		c.answer <- abi.PageAnswer{Code: abi.CodeCanceled}
	}
	p.calls, p.judged = nil, nil
}

// Take tells the page that props of that number were taken. Of what Take and Refuse say only the newest counts.
func (m *Mount) Take(number uint32) { m.judge(judgement{number: number}) }

// Refuse tells the page that props of that number were not taken, or have to go. The text is for developers.
func (m *Mount) Refuse(number uint32, code abi.Code, text string) {
	m.judge(judgement{number, code, text})
}

func (m *Mount) judge(j judgement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return
	}
	m.page.judged, m.page.told = &j, false
	m.wakeUp()
}

// Call asks the page to call one of its functions, and waits for what it answers. Input and answer are JSON of at most
// abi.MaxPageValue bytes; nobody has judged the answer. The page may be away for a moment, but has no longer than
// MountOptions.CallTimeout in all. An error is an abi.Code: what the page says, or CodeLimit for what is too much at once, CodeUnavailable for a
// page that is away, CodeDeadline for one that does not answer, CodeCanceled when ctx or the mount ends.
func (m *Mount) Call(ctx context.Context, name string, input []byte) ([]byte, error) {
	c, err := m.ask(name, input)
	if err != nil {
		return nil, err
	}
	late := time.NewTimer(m.options.CallTimeout)
	defer late.Stop()
	select {
	case a := <-c.answer:
		if a.Code != abi.CodeOK {
			return nil, a.Code
		}
		return a.Output, nil
	case <-late.C:
		err = abi.CodeDeadline
	case <-ctx.Done():
		if err = abi.CodeCanceled; errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = abi.CodeDeadline
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.page.take(c.frame.Call)
	if err == abi.CodeDeadline && (c.unsent || m.wake == nil) {
		err = abi.CodeUnavailable
	}
	return nil, err
}

// ask puts a call where Next finds it.
func (m *Mount) ask(name string, input []byte) (*pageCall, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.gone():
		return nil, abi.CodeCanceled
	case len(m.page.calls) >= maxPageCalls || len(input) > abi.MaxPageValue || len(name) > abi.MaxCallbackName || !m.page.asked.take(1, m.now()):
		return nil, abi.CodeLimit
	}
	m.page.last++
	c := &pageCall{frame: abi.PageCall{Call: m.page.last, Name: name, Input: input}, unsent: true, answer: make(chan abi.PageAnswer, 1)}
	m.page.calls = append(m.page.calls, c)
	m.wakeUp()
	return c, nil
}

// receiveAnswer takes the answer to a call. One that is late, or that nobody waits for, is nothing.
func (m *Mount) receiveAnswer(frame []byte) error {
	var f abi.PageAnswer
	if err := f.Parse(frame); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.page.take(f.Call); c != nil {
		f.Output = bytes.Clone(f.Output)
		c.answer <- f
	}
	return nil
}

// receiveProps hands over what the page sets, once however often it says so.
func (m *Mount) receiveProps(frame []byte) error {
	var f abi.Props
	if err := f.Parse(frame); err != nil {
		return err
	}
	if m.fresh(f.Number) {
		m.give(f.Number, f.Value)
	}
	return nil
}

func (m *Mount) fresh(number uint32) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() || number <= m.page.props {
		return false
	}
	m.page.props = number
	if !m.page.often.take(1, m.now()) {
		m.fail(abi.Fault{Code: abi.FaultLimit, Text: "The page changed what the plugin is to show too often."})
		return false
	}
	return true
}

// give hands the plugin what the page sets.
func (m *Mount) give(number uint32, json []byte) {
	if p, ok := m.plugin.(PropsPlugin); ok {
		p.Props(number, bytes.Clone(json))
		return
	}
	m.Refuse(number, abi.CodeDenied, "no page may set props here")
}
