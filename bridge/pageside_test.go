package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
)

// told is a plugin that writes down what its page sets.
type told struct {
	still
	props []string
}

func (p *told) Props(number uint32, json []byte) {
	p.props = append(p.props, fmt.Sprintf("%d %s", number, json))
}

// A page's props come once and in order, those of MOUNT first.
func TestPropsOfThePage(t *testing.T) {
	p := &told{}
	m := bridge.NewMount(p, nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Mount{Mount: 1, Visible: true, Props: []byte("0")}).Append(nil))
	for _, n := range []uint32{1, 1, 4, 3, 4} {
		receive(t, m, (&abi.Props{Mount: 1, Number: n, Value: []byte("{}")}).Append(nil))
	}
	if got := fmt.Sprint(p.props); got != "[0 0 1 {} 4 {}]" {
		t.Errorf("the plugin was told %v", got)
	}
	m.Refuse(1, abi.CodeDenied, "old")
	m.Refuse(4, abi.CodeInvalid, "new")
	var r abi.Refused
	if err := r.Parse(next(t, m, abi.FrameRefused)); err != nil || r != (abi.Refused{Mount: 1, Number: 4, Code: abi.CodeInvalid, Text: "new"}) {
		t.Errorf("%+v, %v", r, err)
	}
	none(t, m)
}

// The newest judgement of the page's props comes again to one that was cut off, and no older one.
func TestTakenAndResume(t *testing.T) {
	m, page := mounted(t, &told{}, nil)
	m.Tree(texts("a"))
	pump(t, m, page)
	m.Refuse(1, abi.CodeDenied, "old")
	m.Take(2)
	taken := func() {
		t.Helper()
		var f abi.Taken
		if err := f.Parse(next(t, m, abi.FrameTaken)); err != nil || f != (abi.Taken{Mount: 1, Number: 2}) {
			t.Errorf("%+v, %v", f, err)
		}
		none(t, m)
	}
	taken()
	m.Attach(nil)
	receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}).Append(nil))
	m.Attach(func() {})
	next(t, m, abi.FrameResumed)
	taken()
	m.Refuse(2, abi.CodeInvalid, "has to go")
	next(t, m, abi.FrameRefused)
	none(t, m)
}

// A plugin that takes no props says so.
func TestPropsThatNobodyTakes(t *testing.T) {
	m := bridge.NewMount(still{}, nil)
	m.Attach(func() {})
	receive(t, m, (&abi.Mount{Mount: 1, Visible: true, Props: []byte("{}")}).Append(nil))
	next(t, m, abi.FrameRefused)
}

func TestPropsTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &told{}
		m, _ := mounted(t, p, nil)
		n := uint32(0)
		say := func(times int) {
			for range times {
				n++
				receive(t, m, (&abi.Props{Mount: 1, Number: n, Value: []byte("{}")}).Append(nil))
			}
		}
		say(40)
		time.Sleep(time.Second)
		say(20)
		if len(p.props) != 60 {
			t.Fatalf("%d were taken", len(p.props))
		}
		say(1)
		var f abi.Fault
		if err := f.Parse(next(t, m, abi.FrameFault)); err != nil || f.Code != abi.FaultLimit || len(p.props) != 60 {
			t.Errorf("%+v, %v, %d were taken", f, err, len(p.props))
		}
	})
}

// answer is what Call returns.
type answer struct {
	out []byte
	err error
}

func call(m *bridge.Mount, name string) chan answer {
	got := make(chan answer, 1)
	go func() {
		out, err := m.Call(context.Background(), name, []byte("1"))
		got <- answer{out, err}
	}()
	return got
}

func asked(t *testing.T, m *bridge.Mount, number uint32) {
	t.Helper()
	var c abi.PageCall
	if err := c.Parse(next(t, m, abi.FramePageCall)); err != nil || c.Call != number || c.Name != "pick" || string(c.Input) != "1" {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := mounted(t, still{}, nil)
		say := func(a abi.PageAnswer) { a.Mount = 1; receive(t, m, a.Append(nil)) }
		got := call(m, "pick")
		synctest.Wait()
		asked(t, m, 1)
		none(t, m)
		say(abi.PageAnswer{Call: 2, Output: []byte("nobody asked")})
		say(abi.PageAnswer{Call: 1, Output: []byte("2")})
		say(abi.PageAnswer{Call: 1, Output: []byte("3")}) // twice
		if a := <-got; string(a.out) != "2" || a.err != nil {
			t.Errorf("%s, %v", a.out, a.err)
		}
		got = call(m, "pick")
		synctest.Wait()
		asked(t, m, 2)
		say(abi.PageAnswer{Call: 2, Code: abi.CodeUnsupported})
		if a := <-got; a.err != abi.CodeUnsupported {
			t.Errorf("%v", a.err)
		}
		got = call(m, "pick")
		synctest.Wait()
		asked(t, m, 3)
		if a := <-got; a.err != abi.CodeDeadline { // it is never answered
			t.Errorf("%v", a.err)
		}
		say(abi.PageAnswer{Call: 3, Output: []byte("late")})
		got = call(m, "pick")
		synctest.Wait()
		m.Close()
		if a := <-got; a.err != abi.CodeCanceled {
			t.Errorf("%v", a.err)
		}
		if _, err := m.Call(context.Background(), "pick", nil); err != abi.CodeCanceled {
			t.Errorf("of a closed mount: %v", err)
		}
	})
}

// A page that was cut off is asked again, under the number of before; one that stays away is away.
func TestCallAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, page := mounted(t, still{}, &bridge.MountOptions{CallTimeout: time.Minute})
		m.Tree(texts("a"))
		pump(t, m, page)
		got := call(m, "pick")
		synctest.Wait()
		asked(t, m, 1)
		m.Attach(nil)
		receive(t, m, (&abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}).Append(nil))
		m.Attach(func() {})
		next(t, m, abi.FrameResumed)
		asked(t, m, 1)
		none(t, m)
		receive(t, m, (&abi.PageAnswer{Mount: 1, Call: 1, Output: []byte("2")}).Append(nil))
		if a := <-got; string(a.out) != "2" || a.err != nil {
			t.Errorf("%s, %v", a.out, a.err)
		}
		got = call(m, "pick")
		m.Attach(nil)
		if a := <-got; a.err != abi.CodeUnavailable {
			t.Errorf("%v", a.err)
		}
	})
}

func TestCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := mounted(t, still{}, nil)
		ctx, cancel := context.WithCancel(context.Background())
		errs := make(chan error, 16)
		for range 16 {
			go func() {
				_, err := m.Call(ctx, "pick", nil)
				errs <- err
			}()
		}
		synctest.Wait()
		for _, c := range []struct {
			name  string
			input int
		}{{"pick", 1}, {"pick", abi.MaxPageValue + 1}, {strings.Repeat("x", abi.MaxCallbackName+1), 1}} {
			if _, err := m.Call(ctx, c.name, make([]byte, c.input)); err != abi.CodeLimit {
				t.Errorf("%.9s of %d: %v", c.name, c.input, err)
			}
		}
		cancel()
		for range 16 {
			if err := <-errs; !errors.Is(err, abi.CodeCanceled) {
				t.Error(err)
			}
		}
		none(t, m)
		limited := 0
		for range 300 {
			if _, err := m.Call(ctx, "pick", nil); err == abi.CodeLimit {
				limited++
			}
		}
		if limited < 100 {
			t.Errorf("%d of 300 calls at once were too many", limited)
		}
	})
}
