package hostfuncs

import (
	"bytes"
	"context"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Jobs runs compute functions of a plugin in instances beside it, with the rights that the plugin has and
// on the same share of the processor. progress may be called at any time until Run returns. Run ends when
// ctx does. It is safe for concurrent use.
type Jobs interface {
	Run(ctx context.Context, function string, input []byte, progress func([]byte)) ([]byte, error)
}

const (
	maxJobInput    = 4 << 20  // bytes
	maxJobProgress = 64 << 10 // bytes
)

// jobsStart is vitrine:jobs.start, which calls a compute function of the plugin in an instance of its own
// and does not wait. The call may take longer than one of the plugin itself; core.cancel ends it.
//
// Parameters: the address and the length of [function, input], a text and bytes. Result: a ticket
// above 0; CodeInvalid; CodeNotFound if the plugin has no such function; CodeLimit; CodeDenied; CodeUnsupported.
// To the ticket come any number of ["progress", ticket, bytes], of which those are left out that
// a newer one has overtaken, and last ["answer", ticket, bytes], or ["error", ticket, code, message] with the
// message of a function that failed by itself.
func jobsStart(e *Env, c *runtime.Caller, args []uint64) int64 {
	b, ok := view(c, args)
	if len(b) > maxJobInput+kvRoom {
		return int64(abi.CodeLimit)
	}
	r := cbor.NewReader(b)
	n, name, shown := r.Array(), r.Text(), r.Bytes()
	switch {
	case !ok || r.End() != nil || n != 2 || len(name) > MaxKey:
		return int64(abi.CodeInvalid)
	case e.jobs == nil:
		return int64(abi.CodeUnsupported)
	case len(shown) > maxJobInput:
		return int64(abi.CodeLimit)
	}
	need := &abi.Need{Capability: abi.CapJobs}
	if code := e.permitted(need); code != abi.CodeOK {
		return int64(code)
	}
	function, input := string(name), bytes.Clone(shown)
	return e.ticket(abi.CapJobs, need, func(ctx context.Context, tell teller) ([]byte, error) {
		return runJob(ctx, e.jobs, function, input, tell)
	})
}

// runJob tells the newest progress whenever the plugin has had the one before.
func runJob(ctx context.Context, jobs Jobs, function string, input []byte, tell teller) ([]byte, error) {
	newest := make(chan []byte, 1)
	var telling sync.WaitGroup
	telling.Go(func() {
		for p := range newest {
			if tell("progress", cbor.AppendBytes(nil, p)) != nil {
				return
			}
		}
	})
	out, err := jobs.Run(ctx, function, input, func(p []byte) {
		select {
		case <-newest: // overtaken
		default:
		}
		select {
		case newest <- bytes.Clone(p):
		default: // another goroutine was faster
		}
	})
	close(newest)
	telling.Wait()
	if err != nil {
		return nil, err
	}
	return cbor.AppendBytes(nil, out), nil
}

// jobsProgress is vitrine:jobs.progress, with which a job says how far it is. It does not wait.
//
// Parameters: the address and the length of the plugin's own bytes, at most 64 KiB. Result: CodeOK;
// CodeUnsupported if this is no job; CodeInvalid; CodeLimit; CodeDenied.
func jobsProgress(e *Env, c *runtime.Caller, args []uint64) int64 {
	b, ok := view(c, args)
	switch {
	case !ok:
		return int64(abi.CodeInvalid)
	case e.progress == nil:
		return int64(abi.CodeUnsupported)
	case len(b) > maxJobProgress:
		return int64(abi.CodeLimit)
	}
	if code := e.permitted(&abi.Need{Capability: abi.CapJobs}); code != abi.CodeOK {
		return int64(code)
	}
	e.progress(b)
	return int64(abi.CodeOK)
}
