// Package hold measures what a host keeps of itself while guests do their worst: how late each bomb of
// runtime/testdata/bombs ends after its deadline (case kill), how long the host's garbage collector and its timers wait
// meanwhile (case freeze), and what share of the processor one guest gets beside the many of another principal (case
// fairness).
//
// What the machine does to anybody is measured as well: system go is a loop in Go in the guest's place, in turns with
// the guests. On a machine that is shared, give the bench a scheduling group that outweighs the others:
//
//	sudo setsid -w sh -c 'echo -20 >/proc/self/autogroup; exec vitrine bench --only kill,freeze'
//
// Peers, such as wazero's own interruption, and wazero without one, are measured in processes of their own, with the same deadline,
// twenty runs a bomb of kill and the same time beside each of freeze. A process is ended two seconds after the deadline if the guest does
// not end: there is no figure of that bomb then, "ended" says what part of the runs did, and a note which bombs did not.
// bench/peers has more of them.
package hold

import (
	"context"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// Cases are kill and freeze with some peers, and fairness.
func Cases(peers []Peer) []bench.Case {
	systems := []string{bench.Ours, control}
	for _, p := range peers {
		systems = append(systems, p.Name)
	}
	child := func(ctx context.Context, r *bench.Run, args []string) error { return child(ctx, r, peers, args) }
	return []bench.Case{
		{Name: "kill", Help: "how late hostile guests end after their deadline", Unit: "ms", Systems: systems,
			Rounds: 100, Quick: 3, Takes: 4*time.Minute + time.Duration(len(peers))*time.Minute, TakesQuick: 5 * time.Second, Child: child,
			Measure: func(ctx context.Context, r *bench.Run) error { return kill(ctx, r, peers) }},
		{Name: "freeze", Help: "how long the host's collector and timers wait while they compute", Unit: "ms", Systems: systems,
			Takes: 2*time.Minute + time.Duration(len(peers))*time.Minute, TakesQuick: 3 * time.Second, Child: child,
			Measure: func(ctx context.Context, r *bench.Run) error { return freeze(ctx, r, peers) }},
		{Name: "fairness", Help: "the share of one guest beside twenty of another principal", Unit: bench.Share, Systems: []string{bench.Ours, unscheduled},
			Rounds: 10, Quick: 3, Takes: 12 * time.Second, TakesQuick: 2 * time.Second, Measure: fairness},
	}
}

// control is the system of what this machine does to anybody: a loop in Go in the guest's place, in turns with
// the guests.
const control = "go"

// watchFor is how long a bomb, or a crowd, is watched.
func watchFor(r *bench.Run) time.Duration {
	switch {
	case r.Turn > 0:
		return r.Turn
	case r.Quick:
		return 25 * time.Millisecond
	}
	return time.Second / 2
}

// armed are the bombs that run at all, and are wanted.
func armed(r *bench.Run) (list []bombs.Bomb, err error) {
	all, err := bombs.All()
	for _, b := range all {
		if b.Fault != "invalid" && r.Wanted(b.Name) {
			list = append(list, b)
		}
	}
	return list, err
}
