package bench

import (
	"math"
	"slices"
)

// Interval is where the median lies that more rounds or events would come to, with 95 in a hundred: what may be held against a bound. The
// spread says how single rounds lie, and is no such thing. Both ends are the value where nothing is known of it, such as of a p99.
//
// It is that of the order statistics (W. R. Thompson, Annals of Mathematical Statistics 7, 1936): of the rounds, or of the medians of processes where
// there were several. Of fewer than six it is all of them, which has less than 95 in a hundred. Of events it is that
// of all of them or that of twenty stretches, whichever reaches farther, for what comes soon after the other is alike.
func (r *Row) Interval() (low, high float64) {
	low, high = r.Value, r.Value
	reach := func(a, b float64) { low, high = min(low, a), max(high, b) }
	switch {
	case r.Variant == "geomean" || len(r.Samples) == 0 && len(r.Quantiles) < 2: // see Together
		reach(r.Value-r.Spread*math.Abs(r.Value), r.Value+r.Spread*math.Abs(r.Value))
		return low, high
	case len(r.Quantiles) > 1 && r.N > 0:
		half := twoSided / 2 / math.Sqrt(float64(r.N))
		reach(between(r.Quantiles, 0.5-half), between(r.Quantiles, 0.5+half))
	}
	if len(r.Samples) > 0 {
		reach(order(r.independent()))
	}
	return low, high
}

// twoSided is how many standard deviations to both sides have 95 in a hundred of a normal distribution.
const twoSided = 1.959964

// order are the values that the median lies between: as few on both sides as chance has it outside in 5 of a hundred.
func order(values []float64) (low, high float64) {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	outside, term, k := 0.0, math.Pow(0.5, float64(n)), 0 // term is how likely it is that k of n lie below the median
	for ; k < n/2; k++ {
		if outside += 2 * term; outside > 0.05 {
			break
		}
		term *= float64(n-k) / float64(k+1)
	}
	k = max(k, 1)
	return sorted[k-1], sorted[n-k]
}

// between is the quantile at q of those that are kept at equal distances, on the line between two of them.
func between(quantiles []float64, q float64) float64 {
	at := max(0, min(1, q)) * float64(len(quantiles)-1)
	i := min(int(at), len(quantiles)-2)
	return quantiles[i] + (at-float64(i))*(quantiles[i+1]-quantiles[i])
}
