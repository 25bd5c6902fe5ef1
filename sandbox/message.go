package sandbox

import "github.com/vitrine-run/vitrine/abi"

// post implements hostfuncs.Post: a message waits with the other work, but is not counted against
// Policy.Queue, because there is one at most for each ticket. A plugin that has not begun, or is dead,
// gets none.
func (s *Sandbox) post(take func() ([]byte, bool), handled func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		go handled() // not while s.mu is held: it is somebody else's code
		return
	}
	s.queue = append(s.queue, job{
		do: func() {
			defer handled()
			if in, ok := take(); ok && s.lives() && s.dead == nil {
				s.tell(abi.ExportMessage, in)
			}
		},
		drop: handled,
	})
	s.start()
}
