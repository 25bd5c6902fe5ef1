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
// on, as far as all have some; and its spread is, like any other, half of what lies between the quartiles of rounds over the
// median. Which round of one variant stands beside which of another is chance, so that is asked of a thousand draws, a round of each
// variant in each (the bootstrap: B. Efron, Annals of Statistics 7, 1979).
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
	draws := make([]float64, 1000)
	for d := range draws {
		for i, r := range rows {
			values[i] = r.Samples[chance.IntN(len(r.Samples))]
		}
		draws[d] = Geomean(values)
	}
	_, all.Spread = Middle(draws)
	return all
}

// shortest is how many rounds every row has.
func shortest(rows []*Row) int {
	n := len(rows[0].Samples)
	for _, r := range rows {
		n = min(n, len(r.Samples))
	}
	return n
}
