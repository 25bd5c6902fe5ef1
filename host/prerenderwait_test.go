package host_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// askers serves a plugin that asks the host's function "next" for what it shows, at the place "desk".
func askers(t *testing.T, wait time.Duration, next sandbox.Callback) *visitor {
	t.Helper()
	return newSite(t, func(o *host.Options) {
		o.Places = map[string]host.Place{"desk": {
			Plugin: loadFolder(t, "asker", o.Logger), Grants: []abi.Capability{abi.CapUI, abi.CapProps},
			Callbacks: map[string]sandbox.Callback{"next": next},
		}}
		o.PrerenderWait = wait
	}).visitor()
}

// silent never answers.
func silent(ctx context.Context, _ sandbox.Caller, _ any) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// one answers each question after a while, in three steps and a turn.
func one(_ context.Context, _ sandbox.Caller, input any) (any, error) {
	time.Sleep(5 * time.Millisecond)
	return map[any]any{"-": "a", "a": "t", "T": "z"}[input], nil
}

// TestPrerenderWaits: the page has what the plugin shows once all that it asked for has come, and the first frame has it too.
func TestPrerenderWaits(t *testing.T) {
	v := askers(t, time.Minute, one)
	began := time.Now()
	markup, ticket := v.prerender("desk")
	if !strings.Contains(markup, ">z</") {
		t.Fatalf("not what it shows in the end: %s", markup)
	}
	if d := time.Since(began); d >= time.Minute {
		t.Errorf("waited %v for what was there", d)
	}
	p := v.tab()
	page := p.mount(1, ticket)
	p.until("a frame", func() bool { return page.Seq > 0 })
	if words := page.Find("text")[0].Text("text"); page.Frames != 1 || words != "z" {
		t.Errorf("after %d frames it shows %q", page.Frames, words)
	}
}

// TestPrerenderWaitIsBounded: a plugin that gets no answer costs the wait and nothing more, is shown as it is, and goes on in the page.
func TestPrerenderWaitIsBounded(t *testing.T) {
	for _, c := range []struct {
		name        string
		wait, least time.Duration
	}{
		{"for the default", 0, 200 * time.Millisecond},
		{"for less", 50 * time.Millisecond, 50 * time.Millisecond},
		{"not at all", -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := make(chan string, 1)
			v := askers(t, c.wait, func(ctx context.Context, _ sandbox.Caller, _ any) (any, error) {
				select {
				case s := <-answer:
					return s, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			})
			began := time.Now()
			markup, ticket := v.prerender("desk")
			if d := time.Since(began); d < c.least || d > 30*time.Second {
				t.Errorf("it took %v", d)
			}
			if !strings.Contains(markup, ">-</") || ticket == "" {
				t.Fatalf("not what it shows meanwhile: %s", markup)
			}
			p := v.tab()
			page := p.mount(1, ticket)
			p.shows(page, "-")
			answer <- "z"
			p.shows(page, "z")
		})
	}
}

// TestPrerenderAll: plugins of one page are waited for at the same time, and one that is not there costs the others nothing.
func TestPrerenderAll(t *testing.T) {
	var asked atomic.Int32
	all := make(chan struct{})
	v := askers(t, time.Minute, func(ctx context.Context, _ sandbox.Caller, _ any) (any, error) {
		if asked.Add(1) == 5 {
			close(all)
		}
		select { // nobody has an answer before all have asked
		case <-all:
			return "z", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	out, err := v.prerenderAll(context.Background(), "desk", "nowhere", "desk", "desk", "desk", "desk")
	if len(out) != 6 || out[1] != "" || err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatalf("%d elements, %v", len(out), err)
	}
	for i, markup := range out {
		if i != 1 && !strings.Contains(string(markup), ">z</") {
			t.Errorf("%d: %s", i, markup)
		}
	}
}

// TestPrerenderEnds: the wait ends with whoever asks, and with the plugin.
func TestPrerenderEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	v := askers(t, time.Minute, func(asked context.Context, by sandbox.Caller, input any) (any, error) {
		if input == "-" {
			return "a", nil
		}
		cancel() // it has shown "-", or it would not have got as far as this
		return silent(asked, by, input)
	})
	out, err := v.prerenderAll(ctx, "desk")
	if err != nil || !strings.Contains(string(out[0]), ">-</") && !strings.Contains(string(out[0]), ">a</") {
		t.Errorf("what there was in time: %s, %v", out, err)
	}
	v = askers(t, time.Minute, func(context.Context, sandbox.Caller, any) (any, error) { return "y", nil })
	out, err = v.prerenderAll(context.Background(), "desk") // "y" is what breaks it
	if err != nil || string(out[0]) != `<vitrine-plugin place="desk"></vitrine-plugin>` {
		t.Errorf("of one that has ended: %s, %v", out, err)
	}
}

// mute serves the asker where it may not render anything.
func mute(t *testing.T, timeout time.Duration, next sandbox.Callback) *visitor {
	t.Helper()
	return newSite(t, func(o *host.Options) {
		o.Places = map[string]host.Place{"desk": {
			Plugin: loadFolder(t, "asker", o.Logger), Grants: []abi.Capability{abi.CapProps},
			Callbacks: map[string]sandbox.Callback{"next": next},
		}}
		o.PrerenderTimeout = timeout
	}).visitor()
}

// TestPrerenderNothing: a plugin that renders nothing holds up no page, neither when it is done nor while it waits for an answer.
func TestPrerenderNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout time.Duration
		next    sandbox.Callback
	}{
		{"and is done", time.Hour, one},
		{"and waits", 50 * time.Millisecond, silent},
		{"and fails", time.Hour, func(context.Context, sandbox.Caller, any) (any, error) { return "y", nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := mute(t, c.timeout, c.next)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			out, err := v.prerenderAll(ctx, "desk")
			if err != nil || ctx.Err() != nil || string(out[0]) != `<vitrine-plugin place="desk"></vitrine-plugin>` {
				t.Errorf("%s, %v, %v", out, err, ctx.Err())
			}
			waitFor(t, "the mount gives everything back", func() bool { _, _, mounts := v.Outstanding(); return mounts == 0 })
		})
	}
}

// TestDrainEndsPrerender: a page that is being rendered does not wait for a plugin when the host goes.
func TestDrainEndsPrerender(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, time.Duration, sandbox.Callback) *visitor{"shown": askers, "not shown": mute} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{})
			v := serve(t, time.Hour, func(ctx context.Context, by sandbox.Caller, input any) (any, error) {
				close(asked)
				return silent(ctx, by, input)
			})
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			drained := make(chan error, 1)
			go func() {
				<-asked
				drained <- v.Drain(ctx)
			}()
			out, err := v.prerenderAll(ctx, "desk")
			if err != nil || ctx.Err() != nil || string(out[0]) != `<vitrine-plugin place="desk"></vitrine-plugin>` {
				t.Errorf("%s, %v, %v", out, err, ctx.Err())
			}
			if err := <-drained; err != nil {
				t.Error(err)
			}
		})
	}
}
