package runtime

import "time"

// Charged tells, at any time, how much the scheduler has charged the principal of an instance for.
func (in *Instance) Charged() func() time.Duration {
	s, a := in.seat.s, in.seat.account
	return func() time.Duration {
		s.mu.Lock()
		defer s.mu.Unlock()
		return time.Duration(a.all + a.fresh.Load())
	}
}

// Empty tells whether more was used of a Ration than there was.
func (r *Ration) Empty() bool { return r.left.Load() < 0 }
