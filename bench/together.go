package bench

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Together sums up the ratios of a case's variants: for each system that has several, their geometric mean and the worst of
// them.
//
// The worst is the row of that variant. The mean's rounds are those of the first round of all variants, of the second and so
// on, as far as all have some. Its value is the mean of the variants' medians, and its spread the half of an interval around
// it that has 95 in a hundred of a thousand draws, in each of which every variant has the median of as many of its rounds as it
// has, chosen by chance, some twice (the bootstrap: B. Efron, Annals of Statistics 7, 1979).
func Together(rows []Row) (list []Row) {
	var systems []string
	of := map[string][]*Row{}
	for i := range rows {
		r := &rows[i]
		if r.Metric != "ratio" || isTogether(r.Variant) {
			continue
		}
		if of[r.System] == nil {
			systems = append(systems, r.System)
		}
		of[r.System] = append(of[r.System], r)
	}
	for _, system := range systems {
		if len(of[system]) < 2 {
			continue
		}
		worst := *slices.MaxFunc(of[system], func(a, b *Row) int { return cmp.Compare(a.Value, b.Value) })
		worst.Variant = "worst"
		list = append(list, mean(of[system]), worst)
	}
	return list
}

// mean is the geometric mean of several variants' ratios.
func mean(rows []*Row) Row {
	values := make([]float64, len(rows))
	n := rows[0].N
	for i, r := range rows {
		values[i], n = r.Value, min(n, r.N)
	}
	all := Row{Case: rows[0].Case, System: rows[0].System, Variant: "geomean", Metric: "ratio", Value: Geomean(values), Unit: rows[0].Unit, N: n}
	for round := range shortest(rows) {
		for i, r := range rows {
			values[i] = r.Samples[round]
		}
		all.Samples = append(all.Samples, Geomean(values))
	}
	if len(all.Samples) == 0 {
		return all
	}
	all.N = len(all.Samples)
	chance := rand.New(rand.NewPCG(uint64(len(rows)), 0)) // the same rows have the same spread
	independent := make([][]float64, len(rows))
	for i, r := range rows {
		independent[i] = r.independent()
	}
	draws := make([]float64, 1000)
	for d := range draws {
		for i := range rows {
			values[i] = again(chance, independent[i])
		}
		draws[d] = Geomean(values)
	}
	if all.Value > 0 {
		all.Spread = max(all.Value-Quantile(draws, 0.025), Quantile(draws, 0.975)-all.Value, 0) / all.Value
	}
	return all
}

// again is the median of as many rounds, chosen by chance from them.
func again(chance *rand.Rand, rounds []float64) float64 {
	drawn := make([]float64, len(rounds))
	for i := range drawn {
		drawn[i] = rounds[chance.IntN(len(rounds))]
	}
	return Median(drawn)
}

// shortest is how many rounds every row has.
func shortest(rows []*Row) int {
	n := len(rows[0].Samples)
	for _, r := range rows {
		n = min(n, len(r.Samples))
	}
	return n
}
