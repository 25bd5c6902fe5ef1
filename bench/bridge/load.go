package bridge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// server is the other process.
type server struct {
	url   string
	cmd   *exec.Cmd
	input io.Closer
}

func startServer(ctx context.Context, r *bench.Run) (*server, error) {
	cmd, err := r.Command(ctx, "server")
	if err != nil {
		return nil, err
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, input: input}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server does not say where it is: %w", err)
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

func (s *server) stop() {
	_ = s.input.Close()
	_ = s.cmd.Wait()
}

func (s *server) stats(settle bool) (v stats, err error) {
	url := s.url + "/stats"
	if settle {
		url += "?settle=1"
	}
	res, err := http.Get(url)
	if err != nil {
		return v, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return v, fmt.Errorf("the server answers %s", res.Status)
	}
	return v, json.NewDecoder(res.Body).Decode(&v)
}

// person is one page with one mount.
type person struct {
	client *bridgetest.Client
	seq    uint32
	ev     uint32
	page   *bridgetest.Page // shows what this person sees; nil for those whom nobody watches
}

func (s *server) person(ticket string, watched bool) (*person, error) {
	c, err := bridgetest.Dial(s.url+"/socket", origin, nil)
	if err != nil {
		return nil, err
	}
	p := &person{client: c}
	if watched {
		p.page = bridgetest.NewPage(1)
	}
	if err := c.Send((&abi.Mount{Mount: 1, Visible: true, Ticket: ticket}).Append(nil)); err != nil {
		return nil, err
	}
	frame, err := c.Next(time.Minute)
	if err == nil && abi.TypeOf(frame) != abi.FrameSnap {
		err = fmt.Errorf("a frame of type %#x in place of a SNAP", byte(abi.TypeOf(frame)))
	}
	if err != nil {
		return nil, err
	}
	p.seq = 1
	if err := p.show(frame); err != nil {
		return nil, err
	}
	return p, c.Send((&abi.Ack{Mount: 1, Seq: 1}).Append(nil))
}

func (p *person) show(frame []byte) error {
	if p.page == nil {
		return nil
	}
	return p.page.Apply(frame)
}

// sees is the text of the button.
func (p *person) sees() string {
	for _, n := range p.page.Find("button") {
		return n.Text("text")
	}
	return "nothing"
}

// click clicks and returns how long it took until the answer was there.
func (p *person) click() (time.Duration, error) {
	p.ev++
	frame := (&abi.Event{Mount: 1, Ev: p.ev, Node: 2, Seen: p.seq}).Append(nil)
	if p.page != nil {
		frame = p.page.Event(2, 0, nil)
	}
	at := time.Now()
	if err := p.client.Send(frame); err != nil {
		return 0, err
	}
	for {
		frame, err := p.client.Next(time.Minute)
		if err != nil {
			return 0, err
		}
		var f abi.Patch
		if err := f.Parse(frame); err != nil {
			return 0, err
		}
		took := time.Since(at)
		p.seq = f.Seq
		if err := p.show(frame); err != nil {
			return 0, err
		}
		if err := p.client.Send((&abi.Ack{Mount: 1, Seq: f.Seq}).Append(nil)); err != nil {
			return 0, err
		}
		if f.AckEv >= p.ev {
			return took, nil
		}
	}
}

// people connects n of them, eight at a time.
func (s *server) people(n int) ([]*person, error) {
	out, errs := make([]*person, n), make(chan error, n)
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for i := range out {
		wg.Add(1)
		gate <- struct{}{}
		go func() {
			defer wg.Done()
			var err error
			out[i], err = s.person("counter", i == 0)
			errs <- err
			<-gate
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// clickAll has each person click five times a second at times of their own, for a while: round trips in
// milliseconds.
func clickAll(all []*person, watch time.Duration) ([]float64, error) {
	var mu sync.Mutex
	var out []float64
	var failed error
	var wg sync.WaitGroup
	end := time.Now().Add(watch)
	for _, p := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var mine []float64
			for next := time.Now().Add(rand.N(200 * time.Millisecond)); next.Before(end); next = next.Add(200 * time.Millisecond) {
				time.Sleep(time.Until(next))
				took, err := p.click()
				if err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				mine = append(mine, float64(took)/1e6)
			}
			mu.Lock()
			out = append(out, mine...)
			mu.Unlock()
		}()
	}
	wg.Wait()
	return out, failed
}

// handled holds what happened against what was done: the plugins have counted each click once, and the first person sees
// how often that person has clicked.
func (s *server) handled(r *bench.Run, variant string, all []*person) (v stats, err error) {
	if v, err = s.stats(false); err != nil {
		return v, err
	}
	clicks := 0
	for _, p := range all {
		clicks += int(p.ev)
	}
	return v, r.Verify(bench.Ours, variant, fmt.Append(nil, all[0].sees(), " of ", v.Clicks), fmt.Append(nil, "Count: ", all[0].ev, " of ", clicks))
}

// event measures what a person waits for while many are at it.
func event(ctx context.Context, r *bench.Run) error {
	n, watch := busy(r)
	s, err := startServer(ctx, r)
	if err != nil {
		return err
	}
	defer s.stop()
	all, err := s.people(n)
	if err != nil {
		return err
	}
	if _, err := clickAll(all, watch/10); err != nil { // grow what grows
		return err
	}
	name := fmt.Sprintf("%d mounts, 5/s", n)
	if _, err := s.handled(r, name+", page", all); err != nil {
		return err
	}
	millis, err := clickAll(all, watch)
	if err != nil {
		return err
	}
	v, err := s.handled(r, name+", server", all)
	if err != nil {
		return err
	}
	r.Quantiles(bench.Ours, name+", page", "", "ms", millis)
	r.Quantiles(bench.Ours, name+", server", "", "ms", v.Millis)
	return nil
}

// mounts measures what mounts cost that nobody uses, each on a page of its own.
func mounts(ctx context.Context, r *bench.Run) error {
	steps := []int{1000, 3000, 10_000}
	if r.Quick {
		steps = []int{500}
	}
	s, err := startServer(ctx, r)
	if err != nil {
		return err
	}
	defer s.stop()
	all, err := s.people(50) // what the process needs at all
	if err != nil {
		return err
	}
	before, err := s.stats(true)
	if err != nil {
		return err
	}
	var after stats
	n, variant := 0, ""
	for _, next := range steps {
		more, err := s.people(next - n)
		if err != nil {
			return err
		}
		if all, n = append(more, all...), next; r.Turn > 0 { // for a test
			time.Sleep(min(idleAfter, r.Turn))
		} else {
			time.Sleep(idleAfter)
		}
		if after, err = s.stats(true); err != nil {
			return err
		}
		if _, err := all[0].click(); err != nil {
			return err
		}
		variant = fmt.Sprintf("%d mounts", n)
		if _, err := s.handled(r, variant, all); err != nil {
			return err
		}
		r.Print(bench.Row{System: bench.Ours, Variant: variant, Metric: "grown", Value: (after.RSS - before.RSS) / 1e6, Unit: "MB", N: n})
	}
	for _, m := range []struct {
		name, unit string
		grown      float64
	}{
		{"rss", "KiB", (after.RSS - before.RSS) / 1024}, {"heap", "KiB", (float64(after.Heap) - float64(before.Heap)) / 1024},
		{"stacks", "KiB", (float64(after.Stacks) - float64(before.Stacks)) / 1024}, {"goroutines", "", float64(after.Goroutines - before.Goroutines)},
	} {
		r.Print(bench.Row{System: bench.Ours, Variant: variant, Metric: m.name, Value: m.grown / float64(n), Unit: m.unit, N: n})
	}
	return nil
}

// idleAfter is when a mount has given back what it does not need: two heartbeats and a bit.
const idleAfter = 32 * time.Second

// slow measures mounts beside a page that reads nothing while its plugin renders flat out, and without it.
func slow(ctx context.Context, r *bench.Run) error {
	for _, n := range []int{0, 4} {
		if err := beside(ctx, r, n); err != nil {
			return err
		}
	}
	return nil
}

func beside(ctx context.Context, r *bench.Run, slow int) error {
	_, watch := busy(r)
	s, err := startServer(ctx, r)
	if err != nil {
		return err
	}
	defer s.stop()
	all, err := s.people(50)
	if err != nil {
		return err
	}
	for range slow {
		if _, err := s.person("flat out", false); err != nil { // and never reads again
			return err
		}
	}
	millis, err := clickAll(all, watch/3)
	if err != nil {
		return err
	}
	variant := fmt.Sprintf("50 mounts, %d slow readers", slow)
	if _, err := s.handled(r, variant, all); err != nil {
		return err
	}
	v, err := s.stats(true)
	if err != nil {
		return err
	}
	r.Quantiles(bench.Ours, variant, "", "ms", millis)
	r.Print(bench.Row{System: bench.Ours, Variant: variant, Metric: "rss", Value: v.RSS / (1 << 20), Unit: "MiB", N: 1})
	return nil
}
