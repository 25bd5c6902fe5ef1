package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"runtime"
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

func startServer() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), serverRole+"=1"), os.Stderr
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
	line, err := bufio.NewReader(out).ReadString('\n')
	return &server{strings.TrimSpace(line), cmd, input}, err
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
	return v, json.NewDecoder(res.Body).Decode(&v)
}

// person is one page with one mount.
type person struct {
	client *bridgetest.Client
	seq    uint32
	ev     uint32
	sent   chan time.Time // of the event that waits for its answer
}

func (s *server) person(ticket string) (*person, error) {
	c, err := bridgetest.Dial(s.url+"/socket", origin, nil)
	if err != nil {
		return nil, err
	}
	p := &person{client: c, sent: make(chan time.Time, 1)}
	if err := c.Send((&abi.Mount{Mount: 1, Visible: true, Ticket: ticket}).Append(nil)); err != nil {
		return nil, err
	}
	frame, err := c.Next(10 * time.Second)
	if err == nil && abi.TypeOf(frame) != abi.FrameSnap {
		err = fmt.Errorf("a frame of type %#x in place of a SNAP", byte(abi.TypeOf(frame)))
	}
	if err != nil {
		return nil, err
	}
	p.seq = 1
	return p, c.Send((&abi.Ack{Mount: 1, Seq: 1}).Append(nil))
}

// click clicks and returns how long it took until the answer was there.
func (p *person) click() (time.Duration, error) {
	p.ev++
	at := time.Now()
	if err := p.client.Send((&abi.Event{Mount: 1, Ev: p.ev, Node: 2, Seen: p.seq}).Append(nil)); err != nil {
		return 0, err
	}
	for {
		frame, err := p.client.Next(10 * time.Second)
		if err != nil {
			return 0, err
		}
		var f abi.Patch
		if err := f.Parse(frame); err != nil {
			return 0, err
		}
		took := time.Since(at)
		p.seq = f.Seq
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
			out[i], err = s.person("counter")
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
// microseconds.
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
				mine = append(mine, float64(took)/1e3)
			}
			mu.Lock()
			out = append(out, mine...)
			mu.Unlock()
		}()
	}
	wg.Wait()
	return out, failed
}

// quantiles prints p50 and p99 of microseconds as milliseconds.
func (b *suite) quantiles(kind, variant string, micros []float64) {
	if len(micros) == 0 {
		return
	}
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", .5}, {"p99", .99}, {"p999", .999}, {"max", 1}} {
		b.print(bench.Row{Case: kind, System: bench.Ours, Variant: variant, Metric: q.name, Value: bench.Quantile(micros, q.at) / 1e3, Unit: "ms", N: len(micros)})
	}
}

// event measures what a person waits for while many are at it.
func (b *suite) event() error {
	s, err := startServer()
	if err != nil {
		return err
	}
	defer s.stop()
	all, err := s.people(b.mounts)
	if err != nil {
		return err
	}
	if _, err := clickAll(all, b.watch/10); err != nil { // grow what grows
		return err
	}
	if _, err := s.stats(false); err != nil {
		return err
	}
	micros, err := clickAll(all, b.watch)
	if err != nil {
		return err
	}
	v, err := s.stats(false)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d mounts, 5/s", b.mounts)
	b.quantiles("event", name+", server", v.Micros)
	b.quantiles("event", name+", page", micros)
	return nil
}

// idles measures what mounts cost that nobody uses, each on a page of its own.
func (b *suite) idles() error {
	s, err := startServer()
	if err != nil {
		return err
	}
	defer s.stop()
	if _, err := s.people(50); err != nil { // what the process needs at all
		return err
	}
	before, err := s.stats(true)
	if err != nil {
		return err
	}
	all, err := s.people(b.idle)
	if err != nil {
		return err
	}
	time.Sleep(idleAfter)
	after, err := s.stats(true)
	if err != nil {
		return err
	}
	n := float64(b.idle)
	for _, m := range []struct {
		name     string
		from, to uint64
	}{{"rss", before.RSS, after.RSS}, {"heap", before.Heap, after.Heap}, {"stacks", before.Stacks, after.Stacks}} {
		b.print(bench.Row{Case: "idle", System: bench.Ours, Variant: fmt.Sprintf("%d mounts", b.idle), Metric: m.name, Value: (float64(m.to) - float64(m.from)) / n / 1024, Unit: "KiB", N: b.idle})
	}
	b.print(bench.Row{Case: "idle", System: bench.Ours, Variant: fmt.Sprintf("%d mounts", b.idle), Metric: "goroutines", Value: float64(after.Goroutines-before.Goroutines) / n, Unit: "", N: b.idle})
	runtime.KeepAlive(all)
	return nil
}

// idleAfter is when a mount has given back what it does not need: two heartbeats and a bit.
const idleAfter = 32 * time.Second

// slow measures mounts beside a page that reads nothing while its plugin renders flat out, and without it.
func (b *suite) slow() error {
	for _, slow := range []int{0, 4} {
		s, err := startServer()
		if err != nil {
			return err
		}
		all, err := s.people(50)
		if err != nil {
			s.stop()
			return err
		}
		for range slow {
			if _, err := s.person("flat out"); err != nil { // and never reads again
				s.stop()
				return err
			}
		}
		micros, err := clickAll(all, b.watch/3)
		if err != nil {
			s.stop()
			return err
		}
		v, err := s.stats(true)
		s.stop()
		if err != nil {
			return err
		}
		name := fmt.Sprintf("50 mounts, %d slow readers", slow)
		b.quantiles("slow", name, micros)
		b.print(bench.Row{Case: "slow", System: bench.Ours, Variant: name, Metric: "rss", Value: float64(v.RSS) / (1 << 20), Unit: "MiB", N: 1})
	}
	return nil
}
