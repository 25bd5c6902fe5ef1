package bench

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// processes are those that the rounds of a race are spread over. Where a process has its memory and its code decides, for
// as long as it lives, a good part of what a call costs: rounds in one process agree with each other and not with
// the next run.
const processes = 5

// fewestRounds are as many as each process has at least: with fewer there is one process.
const fewestRounds = 3

// sittingWord tells a child that it is to measure as its parent does.
const sittingWord = "sitting"

// serves says whether this program, started again, measures: whether it has called ServeChild.
var serves bool

// sittings measures the case in several processes, one after the other, and prints their figures together. ok is false
// if it is to be measured in this one: if the case has no use for more, or there are not enough rounds.
func (c *Case) sittings(ctx context.Context, r *Run) (ok bool, err error) {
	n := min(processes, r.RoundsOf()/fewestRounds)
	if !c.Processes || !serves || r.Options.Quick || n < 2 {
		return false, nil
	}
	part := c.run(ctx, &r.Options, nil)
	part.Rounds = (r.RoundsOf() + n - 1) / n
	var found [][]Row
	failed := map[string]error{} // the same system fails in each process
	for i := range n {
		var rows []Row
		if i > 0 {
			part.Log = nil // notes are the same
		}
		part.print = func(row Row) { rows = append(rows, row) }
		if err := part.Apart(ctx, sittingWord); err != nil {
			failed[err.Error()] = err
			if len(rows) == 0 {
				break
			}
		}
		found = append(found, rows)
	}
	r.seen = part.seen
	for _, row := range together(found) {
		r.Print(row)
	}
	return true, errors.Join(slices.Collect(maps.Values(failed))...)
}

// together makes one figure of those that several processes have found: the median of all rounds, or of the values where
// there are no rounds. Its spread is not less than what lies between the processes.
func together(found [][]Row) (list []Row) {
	seen := map[[4]string]bool{}
	for _, row := range slices.Concat(found...) {
		if seen[row.key()] {
			continue
		}
		seen[row.key()] = true
		var values []float64
		all := row
		all.Samples, all.N, all.Processes = nil, 0, 0
		for _, rows := range found {
			i := slices.IndexFunc(rows, func(r Row) bool { return r.key() == row.key() })
			if i < 0 {
				continue
			}
			values, all.Samples = append(values, rows[i].Value), append(all.Samples, rows[i].Samples...)
			all.N, all.Processes = all.N+rows[i].N, all.Processes+1
		}
		all.Value = Median(values)
		if len(all.Samples) > 0 {
			all.Value, all.Spread = Middle(all.Samples)
		}
		if all.Value != 0 {
			all.Spread = max(all.Spread, (slices.Max(values)-slices.Min(values))/2/all.Value)
		}
		list = append(list, all)
	}
	return list
}

// independent are the samples that chance has made, one by one: the medians of the processes where there were some, for
// the rounds of one have more in common with each other than with those of another.
func (r *Row) independent() []float64 {
	if r.Processes < 2 || len(r.Samples)%r.Processes != 0 {
		return slices.Clone(r.Samples)
	}
	var list []float64
	for part := range slices.Chunk(r.Samples, len(r.Samples)/r.Processes) {
		list = append(list, Median(part))
	}
	return list
}
