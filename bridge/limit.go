package bridge

import "time"

// bucket is a token bucket: rate a second, and burst at once. It is not safe for concurrent use.
type bucket struct {
	rate, burst float64
	level       float64
	at          time.Time
}

func newBucket(rate float64, now time.Time) bucket {
	return bucket{rate: rate, burst: 2 * rate, level: 2 * rate, at: now}
}

// take tells whether n more are allowed now, and counts them if so.
func (b *bucket) take(n float64, now time.Time) bool {
	b.level = min(b.burst, b.level+b.rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.level < n {
		return false
	}
	b.level -= n
	return true
}
