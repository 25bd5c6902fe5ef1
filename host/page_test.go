package host_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// withPage is withMirror at a place whose pages set the prop and answer the callback.
func withPage(t *testing.T, change func(*host.Place)) func(*host.Options) {
	return func(o *host.Options) {
		withMirror(t, nil)(o)
		p := o.Places["mirror"]
		p.PageProps, p.PageCallbacks = []string{"c"}, []string{"pick"}
		if change != nil {
			change(&p)
		}
		o.Places["mirror"] = p
	}
}

// mountWith asks for a mount with props of the page's.
func (p *tab) mountWith(number uint32, ticket, props string) *bridgetest.Page {
	p.t.Helper()
	p.Pages[number] = bridgetest.NewPage(number)
	p.write((&abi.Mount{Mount: number, Visible: true, Ticket: ticket, Props: []byte(props)}).Append(nil))
	return p.Pages[number]
}

func (p *tab) says(mount, number uint32, props string) {
	p.t.Helper()
	p.write((&abi.Props{Mount: mount, Number: number, Value: []byte(props)}).Append(nil))
}

// refused waits until the page is told that its props were not taken.
func (p *tab) refused(page *bridgetest.Page) abi.Refused {
	p.t.Helper()
	n := len(page.Refused)
	p.until("a refusal", func() bool { return len(page.Refused) > n })
	return page.Refused[n]
}

// takes waits until the page is told that its props were taken.
func (p *tab) takes(page *bridgetest.Page, number uint32) {
	p.t.Helper()
	p.until("a word", func() bool { return len(page.Taken) > 0 && page.Taken[len(page.Taken)-1].Number == number })
}

// What a page sets is there in the first tree, changes live, and is of its mount alone.
func TestPagesSetProps(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v, w := s.visitor(), s.visitor()
	mine, theirs := v.ticket("mirror"), w.ticket("mirror")
	p, q := v.tab(), w.tab()
	page, other := p.mountWith(1, mine, `{"c":"p"}`), q.mount(1, theirs)
	p.shows(page, "p")
	p.takes(page, 0)
	if page.Frames != 1 {
		t.Errorf("the first tree took %d frames", page.Frames)
	}
	q.shows(other, "a")
	p.says(1, 1, `{"c":"q"}`)
	p.shows(page, "q")
	p.says(1, 1, `{"c":"r"}`) // a number of before
	p.says(1, 2, `{"c":"s"}`)
	p.shows(page, "s")
	p.takes(page, 2)

	// The host's word for what the page has set is what holds until it sets it.
	if err := s.SetProps("mirror", map[string]any{"c": "b"}); err != nil {
		t.Fatal(err)
	}
	q.shows(other, "b")
	p.says(1, 3, `{}`)
	p.shows(page, "b")
	p.takes(page, 3)
	q.shows(q.mount(2, w.ticket("mirror")), "b")
	if len(other.Taken) != 0 {
		t.Errorf("%+v", other.Taken)
	}
}

// What a page may not say changes nothing, and it is told why.
func TestPropsOfPagesRefused(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v := s.visitor()
	mine, wrong := v.ticket("mirror"), v.ticket("mirror")
	p := v.tab()
	page := p.mountWith(1, mine, `{"c":"p"}`)
	p.shows(page, "p")
	number := uint32(0)
	for _, c := range []struct {
		props, text string
		code        abi.Code
	}{
		{`{"c":"x","d":1}`, `"d"`, abi.CodeDenied}, {`{"C":"x"}`, `"C"`, abi.CodeDenied}, {`{"__proto__":{"c":"x"}}`, "__proto__", abi.CodeDenied},
		{`{"c":"xx"}`, "characters", abi.CodeInvalid}, {`{"c":1}`, "integer", abi.CodeInvalid}, {`{"c":null}`, "null", abi.CodeInvalid},
		{`[]`, "not an object", abi.CodeInvalid}, {``, "", abi.CodeInvalid}, {`{"c":"x","c":"y"}`, "twice", abi.CodeInvalid},
		{`{"c":"x"} ` + "\x00", "behind the end", abi.CodeInvalid}, {`{"c":"\ud800"}`, "surrogate", abi.CodeInvalid}, {`{'c':"x"}`, "string", abi.CodeInvalid},
		{strings.Repeat(`{"c":`, 100) + "1" + strings.Repeat("}", 100), "props" + strings.Repeat(".c", 16) + ": nested deeper than 16", abi.CodeInvalid},
		{`{"c":[1,{"a b":1e999}]}`, `props.c[1]["a b"]: a number`, abi.CodeInvalid},
	} {
		number++
		p.says(1, number, c.props)
		if r := p.refused(page); r.Code != c.code || r.Number != number || !strings.Contains(r.Text, c.text) {
			t.Errorf("%s: %+v", c.props, r)
		}
	}
	if page.Frames != 1 || page.Find("text")[0].Text("text") != "p" {
		t.Errorf("%d frames, %s", page.Frames, page.Find("text")[0].Text("text"))
	}
	p.says(1, number+1, `{"c":"q"}`)
	p.shows(page, "q")
	p.takes(page, number+1)
	for _, taken := range page.Taken[:len(page.Taken)-1] {
		if taken.Number != 0 {
			t.Errorf("%+v was refused", taken)
		}
	}

	// One that starts with what it may not shows what the host says.
	second := p.mountWith(2, wrong, `{"d":1}`)
	if r := p.refused(second); r.Code != abi.CodeDenied || r.Number != 0 {
		t.Errorf("%+v", r)
	}
	p.shows(second, "a")
}

// mirrorVersion is the mirror with a pattern for what it shows.
func mirrorVersion(t *testing.T, number, pattern string) *sandbox.Plugin {
	t.Helper()
	return of(t, "mirror", func(manifest string) string {
		manifest = strings.Replace(manifest, "1.0.0", number, 1)
		return strings.Replace(manifest, `"maxLength": 1}}`, `"maxLength": 1, "pattern": "`+pattern+`"}}`, 1)
	})
}

// What a page has set outlives a change of the host's props and a version that takes it. One that does not begins with the host's, and the
// page is told; where the old version goes on, so does what the page has set.
func TestPropsOfThePageAndANewVersion(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v := s.visitor()
	ticket := v.ticket("mirror")
	p := v.tab()
	page := p.mountWith(1, ticket, `{"c":"p"}`)
	p.shows(page, "p")
	set := func(c string) {
		t.Helper()
		if err := s.SetProps("mirror", map[string]any{"c": c}); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(number, pattern string, remount bool, want host.Replacement) {
		t.Helper()
		r, err := s.Replace(context.Background(), "mirror", mirrorVersion(t, number, pattern), &host.ReplaceOptions{Remount: remount})
		if err != nil || r != want {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	stays := func(c string) { // the plugin shows what is newest only when it is asked to show something else between
		t.Helper()
		p.click(page, 0)
		p.answers(abi.PageAnswer{Call: p.called(page, len(page.Calls)+1).Call, Output: []byte(`"-"`)})
		p.shows(page, "-")
		set("b")
		p.shows(page, c)
	}
	stays("p")
	replace("2.0.0", "^[a-z]$", true, host.Replacement{Fresh: 1})
	p.shows(page, "p")
	replace("3.0.0", "^[a-c]$", false, host.Replacement{Kept: 1})
	stays("p")
	if len(page.Refused) != 0 {
		t.Errorf("the page was told %+v, and nothing has changed for it", page.Refused)
	}
	replace("4.0.0", "^[a-c]$", true, host.Replacement{Fresh: 1})
	if r := page.Refused; len(r) == 0 {
		p.refused(page)
	}
	if r := page.Refused[0]; r.Code != abi.CodeInvalid || r.Number != 0 {
		t.Errorf("%+v", r)
	}
	p.shows(page, "b")
	p.says(1, 1, `{"c":"c"}`)
	p.shows(page, "c")
}

// What a page sets while a version takes over is held against that version: it takes it, or the page is told that it does not.
func TestPropsOfThePageDuringAHandover(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v := s.visitor()
	ticket := v.ticket("mirror")
	p := v.tab()
	page := p.mountWith(1, ticket, `{"c":"a"}`)
	p.shows(page, "a")
	s.HandOver("mirror", mirrorVersion(t, "2.0.0", "^[a-c]$"), func(set func(number uint32, props string)) { set(1, `{"c":"b"}`) })
	p.shows(page, "b")
	s.HandOver("mirror", mirrorVersion(t, "3.0.0", "^[a-b]$"), func(set func(number uint32, props string)) { set(2, `{"c":"c"}`) })
	if r := p.refused(page); r.Code != abi.CodeInvalid || r.Number != 2 {
		t.Errorf("%+v", r)
	}
	p.shows(page, "a") // what the host says
}

// A place that leaves its pages nothing is one as before.
func TestPagesSetNothingUnlessTheyMay(t *testing.T) {
	s := newSite(t, withMirror(t, nil))
	v := s.visitor()
	mine := v.ticket("mirror")
	p := v.tab()
	page := p.mountWith(1, mine, `{"c":"p"}`)
	if r := p.refused(page); r.Code != abi.CodeDenied {
		t.Errorf("%+v", r)
	}
	p.shows(page, "a")
	p.click(page, 0)
	p.shows(page, "?")
	if len(page.Calls) != 0 {
		t.Errorf("the page was asked: %+v", page.Calls)
	}
}

// What was rendered for a visitor before there was a page takes the page's props up.
func TestPrerenderedTakesThePagesProps(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v := s.visitor()
	element, ticket := v.prerender("mirror")
	p := v.tab()
	page := p.mountWith(1, ticket, `{"c":"q"}`)
	p.shows(page, "q")
	p.takes(page, 0)
	if strings.Contains(element, ">q<") {
		t.Errorf("it was there before: %s", element)
	}
}

// called waits for the nth call to the page.
func (p *tab) called(page *bridgetest.Page, n int) abi.PageCall {
	p.t.Helper()
	p.until("a call", func() bool { return len(page.Calls) >= n })
	return page.Calls[n-1]
}

func (p *tab) answers(a abi.PageAnswer) {
	p.t.Helper()
	a.Mount = 1
	p.write(a.Append(nil))
}

// A plugin calls a function of its page; input and answer are what the manifest says.
func TestPagesAnswerCallbacks(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	p := s.visitor().showing("mirror")
	page := p.Pages[1]
	p.click(page, 0)
	c := p.called(page, 1)
	if c.Call != 1 || c.Name != "pick" || string(c.Input) != `"a"` {
		t.Errorf("%+v %s", c, c.Input)
	}
	p.answers(abi.PageAnswer{Call: 7, Output: []byte(`"z"`)})
	p.answers(abi.PageAnswer{Call: 1, Output: []byte(`"b"`)})
	p.answers(abi.PageAnswer{Call: 1, Output: []byte(`"c"`)})
	p.shows(page, "b")
	for i, wrong := range []abi.PageAnswer{
		{Output: []byte(`"too long"`)}, {Output: []byte(`{}`)}, {Output: []byte(`"c" "d"`)}, {Output: nil}, {Code: abi.CodeInternal}, {Code: abi.CodeUnsupported},
	} {
		p.says(1, uint32(i)+1, `{"c":"`+string(rune('c'+i))+`"}`)
		p.shows(page, string(rune('c'+i)))
		p.click(page, 0)
		wrong.Call = p.called(page, i+2).Call
		p.answers(wrong)
		p.shows(page, "?")
	}
	if n := strings.Count(s.log.String(), "a page's answer"); n != 1 {
		t.Errorf("%d lines of log", n)
	}
	p.click(page, 0) // "?" is not what the schema allows as input: the page is not asked
	p.says(1, 20, `{"c":"y"}`)
	p.shows(page, "y")
	if len(page.Calls) != 7 {
		t.Errorf("%d calls", len(page.Calls))
	}
}

// A page that comes back is asked again under the same number.
func TestPagesAnswerAfterADrop(t *testing.T) {
	s := newSite(t, withPage(t, nil))
	v := s.visitor()
	p := v.showing("mirror")
	p.click(p.Pages[1], 0)
	p.called(p.Pages[1], 1)
	_ = p.WS.Close()
	p = v.comeBack(p)
	p.until("the mount", func() bool { return p.Resumed })
	p.answers(abi.PageAnswer{Call: 1, Output: []byte(`"b"`)})
	p.answers(abi.PageAnswer{Call: 1, Output: []byte(`"c"`)})
	p.shows(p.Pages[1], "b")
	if len(p.Pages[1].Calls) != 1 {
		t.Errorf("%d calls", len(p.Pages[1].Calls))
	}
}

func TestPlacesThatLeavePagesWhatTheyCannot(t *testing.T) {
	answer := func(context.Context, sandbox.Caller, any) (any, error) { return "a", nil }
	plugin := loadFolder(t, "mirror", nil)
	for name, change := range map[string]func(*host.Place){
		"no such prop":       func(p *host.Place) { p.PageProps = []string{"C"} },
		"no such callback":   func(p *host.Place) { p.PageCallbacks = []string{"Pick"} },
		"a prop as callback": func(p *host.Place) { p.PageCallbacks = []string{"c"} },
		"the host's as well": func(p *host.Place) {
			p.PageCallbacks, p.Callbacks = []string{"pick"}, map[string]sandbox.Callback{"pick": answer}
		},
	} {
		p := host.Place{Plugin: plugin, Grants: []abi.Capability{abi.CapUI, abi.CapProps}, Props: map[string]any{"c": "a"}}
		change(&p)
		_, err := host.New(&host.Options{Origins: []string{"http://a.example"}, Anonymous: true, Places: map[string]host.Place{"m": p}})
		if !errors.Is(err, host.ErrPage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
