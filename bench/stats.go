package bench

import (
	"math"
	"slices"
)

// Quantile is the least of the values that the part q of them does not exceed (the nearest rank: p99 of a hundred is the
// last but one). It is 0 of nothing.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return rank(slices.Sorted(slices.Values(values)), q)
}

// rank is Quantile of values that are sorted, and some.
func rank(sorted []float64, q float64) float64 {
	const exact = 1e-9 // 0.07*100 is more than 7
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))-exact))-1)]
}

// Median is the middle of the values, and of an even number of them the mean of the two in the middle: the lower one alone would be
// too small, of a ratio as of a time. It is 0 of nothing.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return middle(slices.Sorted(slices.Values(values)))
}

// middle is Median of values that are sorted, and some.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2 // halves first: no sum is too large
}

// Above is the share of the values that are larger than a bound.
func Above(values []float64, bound float64) float64 {
	n := 0
	for _, v := range values {
		if v > bound {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}

// Middle is the median, and half of what lies between the quartiles over it: the spread of a Row.
func Middle(values []float64) (median, spread float64) {
	median = Median(values)
	if median == 0 {
		return 0, 0
	}
	return median, (Quantile(values, 0.75) - Quantile(values, 0.25)) / 2 / math.Abs(median)
}

// Geomean is the geometric mean. It is 0 of nothing, and of anything that is not above 0.
func Geomean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		if v <= 0 {
			return 0
		}
		sum += math.Log(v)
	}
	if len(values) == 0 {
		return 0
	}
	return math.Exp(sum / float64(len(values)))
}

// Outliers are the values farther than one and a half times the distance of the quartiles from them
// (Tukey, Exploratory Data Analysis, 1977).
func Outliers(values []float64) (list []float64) {
	low, high := Quantile(values, 0.25), Quantile(values, 0.75)
	reach := 1.5 * (high - low)
	for _, v := range values {
		if v < low-reach || v > high+reach {
			list = append(list, v)
		}
	}
	return list
}
