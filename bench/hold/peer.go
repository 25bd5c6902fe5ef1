package hold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/sys"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime/testdata/bombs"
)

// A Peer is another way to run guests that do not end by themselves.
type Peer struct {
	Name string
	// Arm makes a guest ready, in a process that has nothing else to do and is not asked to give anything back.
	Arm func(ctx context.Context, wasm []byte) (Explode, error)
	// Untimed peers have no deadline but an allowance, of what a loop takes in that time: what is measured is how long their guests
	// run altogether.
	Untimed bool
}

// Explode runs a guest in a fresh instance, and says what it has ended in: Ended if it was stopped.
type Explode func() (end string)

// What peers are set up with: when a guest is to be ended, how much memory it may have, and what is said when it was.
const (
	Deadline    = 20 * time.Millisecond
	MemoryPages = 1024
	Ended       = "deadline"
)

// Peers are those that need no more than Vitrine's own module has: wazero's own interruption, and wazero as it comes.
func Peers() []Peer {
	return []Peer{
		{Name: "wazero-ctx", Arm: func(ctx context.Context, wasm []byte) (Explode, error) { return armWazero(ctx, wasm, true) }},
		{Name: "wazero", Arm: func(ctx context.Context, wasm []byte) (Explode, error) { return armWazero(ctx, wasm, false) }},
	}
}

func armWazero(ctx context.Context, wasm []byte, interrupted bool) (Explode, error) {
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(interrupted).WithMemoryLimitPages(MemoryPages))
	code, err := rt.CompileModule(ctx, wasm)
	return func() string {
		limited, cancel := context.WithTimeout(ctx, Deadline)
		defer cancel()
		mod, err := rt.InstantiateModule(limited, code, wazero.NewModuleConfig().WithName(""))
		if err == nil {
			_, err = mod.ExportedFunction("run").Call(limited)
			_ = mod.Close(ctx) // what it ended in is the answer
		}
		return EndOf(err)
	}, err
}

// EndOf is what a guest on wazero has ended in, with a context that has a deadline.
func EndOf(err error) string {
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
		return Ended
	}
	return fmt.Sprint(err)
}

const (
	patience = 2 * time.Second  // for a run to end after its deadline
	starting = 30 * time.Second // for the process to begin, and to compile
	mostRuns = 20
	unending = "not within two seconds" // the end of a guest that nothing ends but the end of its process
)

// beside are the peers of a case, and what was found of them with all bombs.
type beside struct {
	*bench.Run
	name  string // of the case
	peers []Peer
	of    map[string]*found
}

type found struct {
	late        []float64
	seen        watched
	runs, ended int
	not, other  []string // bombs that did not end, and that it could not run
}

// outcome is a line of what a peer's process says: when it is ready, and after each run.
type outcome struct {
	Late, GC, Ticks []float64 // in ms
	End             string    // what the guest ended in; empty when it is ready
	Failed          string    `json:"failed"`
}

// measure measures the peers with a bomb, each in a process of its own. They are left out of a quick run, for those that do
// not end have to be waited for.
func (p *beside) measure(ctx context.Context, b *bombs.Bomb) error {
	if p.Quick || b.Fault != Ended {
		return nil
	}
	for i := range p.peers {
		if err := p.one(ctx, &p.peers[i], b); err != nil {
			return fmt.Errorf("%s: %s: %w", b.Name, p.peers[i].Name, err)
		}
	}
	return nil
}

func (p *beside) one(ctx context.Context, peer *Peer, b *bombs.Bomb) error {
	f := p.of[peer.Name]
	if f == nil {
		f = &found{}
		p.of[peer.Name] = f
	}
	list, over, err := p.runs(ctx, peer.Name, b.Name)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(o outcome) bool { return o.End != Ended || o.Failed != "" }); i >= 0 {
		f.other = append(f.other, fmt.Sprintf("%s (%s)", b.Name, list[i].End+list[i].Failed))
		return nil
	}
	var late []float64
	var seen watched
	for _, o := range list {
		late = append(late, o.Late...)
		seen.add(watched{o.GC, o.Ticks})
	}
	runs, end := len(list), Ended
	if !over { // the last one
		runs, end = runs+1, unending
		f.not = append(f.not, b.Name)
	}
	if err := p.Verify(peer.Name, b.Name, []byte(end), []byte(end)); err != nil {
		return err
	}
	f.runs, f.ended = f.runs+runs, f.ended+len(list)
	p.printEnded(peer.Name, b.Name, len(list), runs)
	if over {
		f.late = append(f.late, late...)
		f.seen.add(seen)
		p.print(peer, b.Name, late, seen)
	}
	return nil
}

// runs has a process set off a bomb again and again. over is false if a run did not end: the process did, then.
func (p *beside) runs(ctx context.Context, system, bomb string) (list []outcome, over bool, err error) {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, err := p.Command(limited, p.name, system, bomb)
	if err != nil {
		return nil, false, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, false, err
	}
	if err := cmd.Start(); err != nil {
		return nil, false, err
	}
	clock, ready, read := time.AfterFunc(starting, cancel), false, json.NewDecoder(out)
	for {
		var o outcome
		if err = read.Decode(&o); err != nil {
			break
		}
		if !clock.Stop() { // it is being ended
			break
		}
		clock.Reset(patience + Deadline + watchFor(p.Run))
		if ready = ready || o.End == ""; o.End != "" || o.Failed != "" {
			list = append(list, o)
		}
	}
	over = clock.Stop()
	cancel()
	ended := cmd.Wait()
	switch failed := len(list) > 0 && list[len(list)-1].Failed != ""; {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case !over && !ready:
		return nil, false, errors.New("its process was not ready within 30 s")
	case over && !failed && len(list) == 0:
		return nil, false, fmt.Errorf("its process: %w", ended)
	}
	return list, over, nil
}

func (p *beside) print(peer *Peer, variant string, late []float64, seen watched) {
	switch {
	case p.name == "freeze":
		printWatch(p.Run, peer.Name, variant, seen)
	case peer.Untimed:
		p.Quantiles(peer.Name, variant, "took", "ms", late)
	default:
		printLate(p.Run, peer.Name, variant, late)
	}
}

func (p *beside) printEnded(system, variant string, ended, runs int) {
	p.Print(bench.Row{System: system, Variant: variant, Metric: "ended", Value: float64(ended) / float64(runs), Unit: bench.Share, N: runs})
}

// together prints what all bombs come to, those that ended, and notes the others.
func (p *beside) together() {
	for i := range p.peers {
		peer := &p.peers[i]
		f := p.of[peer.Name]
		if f == nil {
			continue
		}
		if f.runs > 0 {
			p.printEnded(peer.Name, "all", f.ended, f.runs)
		}
		if f.ended > 0 {
			p.print(peer, "all", f.late, f.seen)
		}
		if n := len(f.not); n > 0 {
			p.Note("%s: %d did not end within 2 s, and have no figure: %s", peer.Name, n, strings.Join(f.not, ", "))
		}
		if n := len(f.other); n > 0 {
			p.Note("%s: not run (%d): %s", peer.Name, n, strings.Join(f.other, ", "))
		}
	}
}

// child is the other side of runs.
func child(ctx context.Context, r *bench.Run, peers []Peer, args []string) error {
	list, err := bombs.All()
	if err != nil {
		return err
	}
	if len(args) != 3 {
		return fmt.Errorf("hold: %q are not CASE SYSTEM BOMB", args)
	}
	i := slices.IndexFunc(peers, func(p Peer) bool { return p.Name == args[1] })
	j := slices.IndexFunc(list, func(b bombs.Bomb) bool { return b.Name == args[2] })
	if i < 0 || j < 0 {
		return fmt.Errorf("hold: there is no %q", args[1:])
	}
	explode, err := peers[i].Arm(ctx, list[j].Wasm)
	if err != nil {
		return err
	}
	say := json.NewEncoder(os.Stdout)
	if err := say.Encode(outcome{}); err != nil {
		return err
	}
	if args[0] == "freeze" {
		var o outcome
		w := watch(watchFor(r), func() { o.End = explode() })
		o.GC, o.Ticks = w.gc, w.ticks
		return say.Encode(o)
	}
	for range min(r.RoundsOf(), mostRuns) {
		began := time.Now()
		end := explode()
		took := time.Since(began)
		if !peers[i].Untimed {
			took -= Deadline
		}
		if err := say.Encode(outcome{End: end, Late: []float64{ms(took)}}); err != nil {
			return err
		}
	}
	return nil
}
