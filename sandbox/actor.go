package sandbox

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// job is a piece of work. do runs on the sandbox's goroutine; drop, if there is one, runs in its
// place when the sandbox closes before, and move when another sandbox takes over.
type job struct {
	do    func()
	drop  func()
	move  func(to *Sandbox)
	quiet bool // the View hears nothing of it
}

// put adds a job to the queue.
func (s *Sandbox) put(j job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return ErrClosed
	case len(s.queue) >= s.plugin.policy.Queue:
		return ErrBusy
	}
	s.queue = append(s.queue, j)
	s.start()
	return nil
}

// start sees to it that somebody does the work. s.mu is held.
func (s *Sandbox) start() {
	if s.running {
		select {
		case s.wake <- struct{}{}:
		default: // it has been woken already
		}
		return
	}
	if s.closing || s.hasWork() {
		s.running = true
		go s.work()
	}
}

// hasWork reports whether there is a job or a turn to do. s.mu is held.
func (s *Sandbox) hasWork() bool { return len(s.queue) > 0 || s.again && !s.hidden || s.idle }

// pending is what the plugin hears from core.pending.
func (s *Sandbox) pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) > 0 || s.closing
}

// work does jobs, and turns while there are none, and ends when there is nothing to do.
func (s *Sandbox) work() {
	for {
		j, wait := s.next()
		switch {
		case wait > 0:
			s.rest(wait)
		case j.do == nil:
			return
		default:
			s.perform(j)
		}
	}
}

// perform does a job. A panic of host code below it, such as a View's, costs this sandbox its life and
// no other one.
func (s *Sandbox) perform(j job) {
	defer func() {
		if r := recover(); r != nil {
			s.logger.Error("sandbox: panic", "reason", fmt.Sprint(r), "stack", string(debug.Stack()))
			_ = s.die(errPanic)
		}
	}()
	j.do()
	if !j.quiet {
		s.over()
	}
}

var errPanic = errors.New("the host failed")

// next takes the next job; a turn is a job for when no other waits. It answers a pause if it is too
// early for a turn, and no job if the goroutine is to end.
func (s *Sandbox) next() (j job, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		select {
		case <-s.done:
			s.running = false
			s.hush()
			return job{}, 0
		default:
			return job{do: s.finish}, 0
		}
	case len(s.queue) > 0:
		j, s.queue[0] = s.queue[0], job{}
		s.queue, s.idle = s.queue[1:], false
		return j, 0
	case s.again && !s.hidden:
		if wait = s.pause.left(time.Now()); wait > 0 {
			return job{}, wait
		}
		s.again = false
		return job{do: s.turn}, 0
	case s.idle:
		s.idle = false
		return job{do: s.park, quiet: true}, 0
	}
	s.queue = nil // let a queue that was long go
	s.running = false
	s.doze()
	s.hush()
	return job{}, 0
}

// over tells the View that a job is done.
func (s *Sandbox) over() {
	if s.view != nil {
		s.screen.flush(s.dead == nil)
		s.view.Done()
	}
}

// rest waits until it is time for the next turn or something else is to be done.
func (s *Sandbox) rest(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.wake:
	}
}

// pacer keeps a plugin that always wants another turn from taking a processor for itself: after each
// turn it rests for a sixteenth of the time it took, and for a moment after one that did nothing.
type pacer struct{ next time.Time }

const (
	minPause = 200 * time.Microsecond
	maxPause = 5 * time.Millisecond
)

func (p *pacer) ended(began, now time.Time) {
	p.next = now.Add(min(max(now.Sub(began)/16, minPause), maxPause))
}

func (p *pacer) left(now time.Time) time.Duration { return p.next.Sub(now) }
