package bench

import "testing"

// What processes found becomes one figure, whose spread is not less than what lies between them.
func TestTogether(t *testing.T) {
	of := func(samples ...float64) []Row { return []Row{row("c", Ours, "v", "time", "ns", samples)} }
	got := together([][]Row{of(10, 10, 10), of(20, 20, 20), of(15, 15, 15)})
	if len(got) != 1 || got[0].Value != 15 || got[0].N != 9 || got[0].Processes != 3 || got[0].Spread < 1.0/3 {
		t.Fatalf("%+v", got)
	}
	if m := got[0].independent(); len(m) != 3 || m[0] != 10 || m[1] != 20 || m[2] != 15 {
		t.Errorf("medians of processes %v", m)
	}
}

// Rounds of one process are no evidence of a difference: their medians are.
func TestCompareProcesses(t *testing.T) {
	old := Row{Case: "c", System: Ours, Metric: "time", Value: 10, Processes: 2, Samples: []float64{9, 9, 9, 10, 10, 10}}
	now := old
	now.Value, now.Samples = 12, []float64{11, 11, 11, 12, 12, 12}
	if d := Compare(&Results{Rows: []Row{old}}, &Results{Rows: []Row{now}}); len(d) != 1 || d[0].Differs() {
		t.Errorf("%+v", d)
	}
}
