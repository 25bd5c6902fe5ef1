package sandbox

import "time"

// doze lets the clock run that parks a sandbox which has nothing to do. s.mu is held.
func (s *Sandbox) doze() {
	after := s.plugin.policy.Idle
	if s.hidden {
		after = s.plugin.policy.HiddenIdle
	}
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if after > 0 && !s.running && !s.closing && s.awake {
		s.timer = time.AfterFunc(after, s.dozed)
	}
}

// dozed is called when there has been nothing to do for a while, or when somebody else wants the room.
func (s *Sandbox) dozed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running || s.closing {
		return // doze is called again when the work is done
	}
	s.idle = true
	s.start()
}

// park gives the guest to others. It runs on the sandbox's goroutine, as unpark.
func (s *Sandbox) park() {
	if s.in == nil {
		return
	}
	p, err := s.in.Park()
	if err != nil {
		s.note(false, 0) // it never can be
		return
	}
	s.in, s.parked = nil, p
	s.note(false, p.Bytes())
}

// unpark forgets what was parked: there is an instance again, or there is to be none.
func (s *Sandbox) unpark() {
	if s.parked != nil {
		s.parked.Close()
		s.parked = nil
	}
	s.note(s.in != nil, 0)
}

// note tells others whether there is an instance that can be parked, and what is kept of one that was.
func (s *Sandbox) note(awake bool, kept uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awake, s.kept = awake, kept
}

// lives tells whether there is an instance, or what is left of one.
func (s *Sandbox) lives() bool { return s.in != nil || s.parked != nil }

// Parked tells how many bytes are kept of the plugin while it has nothing to do, and false if it has
// all of its memory.
func (s *Sandbox) Parked() (bytes uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, s.kept > 0
}
