package hostfuncs

import (
	"sync"
	"time"
)

// bucket bounds how often something is done: burst times at once, rate times a second after that.
type bucket struct {
	rate, burst, left float64
	filled            time.Time
}

func newBucket(rate, burst int, now time.Time) bucket {
	return bucket{rate: float64(rate), burst: float64(burst), left: float64(burst), filled: now}
}

// take takes one out, if there is one.
func (b *bucket) take(now time.Time) bool {
	b.left = min(b.burst, b.left+max(0, now.Sub(b.filled).Seconds())*b.rate)
	b.filled = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// share is what one install has of something that all of them use.
type share struct {
	bucket bucket
	busy   int
}

// shares bound how often, and how many at a time, each install and all together do something. It is
// safe for concurrent use.
type shares struct {
	rate, burst int
	each, all   int // at a time
	now         func() time.Time

	mu   sync.Mutex
	busy int
	of   map[string]*share
}

func newShares(rate, burst, each, all int) *shares {
	return &shares{rate: rate, burst: burst, each: each, all: all, now: time.Now, of: map[string]*share{}}
}

// maxShares is how many installs are remembered before those that do nothing are looked for.
const maxShares = 4096

// enter lets who do it once, and answers what is to be called when it is done; nil if it is too much.
func (s *shares) enter(who string) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	mine := s.of[who]
	if mine == nil {
		s.forget(now)
		mine = &share{bucket: newBucket(s.rate, s.burst, now)}
		s.of[who] = mine
	}
	if mine.busy >= s.each || s.busy >= s.all || !mine.bucket.take(now) {
		return nil
	}
	mine.busy++
	s.busy++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		mine.busy--
		s.busy--
	}
}

// forget drops those whose bucket is full again: they lose nothing by it.
func (s *shares) forget(now time.Time) {
	if len(s.of) < maxShares {
		return
	}
	for who, m := range s.of {
		if m.busy == 0 && m.bucket.left+now.Sub(m.bucket.filled).Seconds()*m.bucket.rate >= m.bucket.burst {
			delete(s.of, who)
		}
	}
}
