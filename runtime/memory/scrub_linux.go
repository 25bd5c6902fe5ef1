//go:build linux && (amd64 || arm64)

package memory

// scrub makes a reservation that nobody uses read as zero, and finds out what it holds. What to zero is
// asked of the system for all of it, so nothing depends on what a guest was believed to have reached. It
// returns false if the system cannot tell.
func (r *room) scrub() bool {
	r.held, r.warm = 0, smallMemory
	known, err := written(r.bytes, func(from, to uint64) {
		from, to = from*grain, to*grain
		r.held += to - from
		if from <= r.warm {
			r.warm = max(r.warm, to)
		}
		for at := from; at < to; at += scrubStep {
			clear(r.bytes[at:min(to, at+scrubStep)])
		}
	})
	return known && err == nil
}

// scrubStep is how much is zeroed at a time: the collector of the host waits for that.
const scrubStep = 256 << 10
