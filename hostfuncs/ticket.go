package hostfuncs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// A Post hands a message to the plugin. take is called when the message's turn has come, on the goroutine
// that calls the guest; it answers what abi.ExportMessage is to get, or false if the message is not
// wanted any more. handled is called once, after that or when the message never gets a turn. Each ticket
// has one message on its way at most, so what waits is bounded by Limits.Tickets.
type Post func(take func() (message []byte, ok bool), handled func())

// errand is what a function does that may take a while: a plugin waits for it, or has a ticket. Then it can
// tell what it has so far. The answer is a CBOR value; an error has an abi.Code, or is a fault of the host.
type errand func(ctx context.Context, tell teller) ([]byte, error)

// teller sends a message, whose words after its kind and the number of the ticket are values. It
// waits until the plugin has had it, so that who is faster than the plugin waits too.
type teller func(kind string, values ...[]byte) error

// tickets are the errands of a plugin that it does not wait for.
type tickets struct {
	post  Post
	ended func()
	most  int

	rechecks atomic.Uint64

	mu      sync.Mutex
	last    uint32
	open    map[uint32]*ticket
	blocked *ticket // what the plugin stands still for: it has no number; nil if it does not
}

// ticket is one of them.
type ticket struct {
	number uint32
	need   func() *abi.Need // asked for again before each message; nil if the capability is enough
	cap    abi.Capability
	cancel context.CancelCauseFunc
}

var (
	errRevoked  = &HTTPError{Code: abi.CodeDenied, Reason: "the permission has ended"}
	errSpent    = &HTTPError{Code: abi.CodeLimit, Reason: "the budget does not last for another message"}
	errDropped  = errors.New("hostfuncs: nobody waits for the ticket")
	errNoTicket = errors.New("hostfuncs: no ticket")
)

// wait does an errand while the guest stands still and parks the answer. The fuel clock stands, the
// deadline of the call runs.
func (e *Env) wait(c *runtime.Caller, do errand) int64 {
	var out []byte
	var err error
	ctx, cancel := e.standing.begin(c.Context())
	t := e.blockedBy(cancel)
	e.tickets.block(t)
	defer e.tickets.block(nil)
	if e.revoked(t) { // since the gate was asked
		return int64(abi.CodeDenied)
	}
	c.Blocking(func() {
		out, err = do(ctx, func(string, ...[]byte) error { return errNoTicket })
		switch {
		case context.Cause(ctx) == error(errRevoked):
			err = errRevoked // also where it has just been done: nothing comes of it any more
		case c.Context().Err() != nil && err != nil:
			err = c.Context().Err()
		case err == nil && e.revoked(t): // while it went on to somewhere else
			err = errRevoked
		}
	})
	if err != nil {
		return int64(e.codeOf(err))
	}
	return e.park(out)
}

// revoked reports whether rights have changed since the call of a function began, and t has lost its own.
func (e *Env) revoked(t *ticket) bool {
	return e.tickets.rechecks.Load() != e.rechecks && e.holds(t) == abi.CodeDenied
}

// A standing is the context of what the plugin stands still for: one for all that it waits for in a call, since all but those
// that were called off end alike.
type standing struct {
	of     context.Context // of the call
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func (s *standing) begin(of context.Context) (context.Context, context.CancelCauseFunc) {
	if s.of != of || s.ctx.Err() != nil {
		s.end()
		s.of = of
		s.ctx, s.cancel = context.WithCancelCause(of)
	}
	return s.ctx, s.cancel
}

func (s *standing) end() {
	if s.cancel != nil {
		s.cancel(nil)
		*s = standing{}
	}
}

// ticket does an errand beside the guest and answers the number under which messages will come. Without a need the
// capability is all that it takes.
func (e *Env) ticket(of abi.Capability, need *abi.Need, do errand) int64 {
	if need == nil {
		return e.ticketOf(of, nil, do)
	}
	return e.ticketOf(of, func() *abi.Need { return need }, do)
}

// ticketOf is ticket for an errand that comes to need something else on its way.
func (e *Env) ticketOf(of abi.Capability, need func() *abi.Need, do errand) int64 {
	if e.tickets.post == nil {
		return int64(abi.CodeUnsupported)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	t := &ticket{need: need, cap: of, cancel: cancel}
	if !e.tickets.add(t) {
		cancel(nil)
		return int64(abi.CodeLimit)
	}
	go e.run(ctx, t, do)
	return int64(t.number)
}

// blockedBy is a ticket for what the call of a function waits for.
func (e *Env) blockedBy(cancel context.CancelCauseFunc) *ticket {
	t := &ticket{cap: e.asking}
	t.cancel = func(cause error) {
		e.tickets.mu.Lock()
		defer e.tickets.mu.Unlock()
		if e.tickets.blocked == t { // else the plugin may stand still for something else in the same context
			cancel(cause)
		}
	}
	if e.hop != nil {
		t.need = e.hop
	} else if need := e.needed; need.Capability != "" {
		t.need = func() *abi.Need { return &need }
	}
	return t
}

func (s *tickets) block(t *ticket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = t
}

func (s *tickets) add(t *ticket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.most {
		return false
	}
	for t.number == 0 || s.open[t.number] != nil { // after 2^31 tickets the numbers begin again
		s.last = (s.last + 1) & 0x7fffffff
		t.number = s.last
	}
	s.open[t.number] = t
	return true
}

// run does an errand and sends what it comes to.
func (e *Env) run(ctx context.Context, t *ticket, do errand) {
	defer func() {
		t.cancel(errDropped)
		e.tickets.mu.Lock()
		delete(e.tickets.open, t.number)
		e.tickets.mu.Unlock()
		e.tickets.ended()
	}()
	out, err := attempt(ctx, do, func(kind string, values ...[]byte) error { return e.tell(ctx, t, kind, nil, values...) })
	if cause := context.Cause(ctx); stopped(cause) {
		err = cause
	}
	kind, values := "answer", [][]byte{out}
	if err != nil {
		kind, values = "error", [][]byte{cbor.AppendInt(nil, int64(codeOf(err)))}
		var own *runtime.GuestError
		if errors.As(err, &own) { // of a job: the plugin's own words
			values = append(values, cbor.AppendText(nil, valid(own.Message)))
		}
	}
	// If nobody waits there is nobody to tell.
	if e.tell(ctx, t, kind, err, values...) == error(errRevoked) && err == nil {
		_ = e.tell(ctx, t, "error", errRevoked, cbor.AppendInt(nil, int64(abi.CodeDenied)))
	}
}

// attempt does an errand; a panic of the host's code costs the errand and nothing else.
func attempt(ctx context.Context, do errand, tell teller) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hostfuncs: panic: %v", r)
		}
	}()
	return do(ctx, tell)
}

// tell sends a message of a ticket and waits until the guest has had it. report is what the log gets when
// the message is handed over: the plugin's log is for its goroutine.
func (e *Env) tell(ctx context.Context, t *ticket, kind string, report error, values ...[]byte) error {
	if cause := context.Cause(ctx); cause != nil && !stopped(cause) {
		return cause
	}
	handled := make(chan struct{})
	e.tickets.post(func() ([]byte, bool) {
		if cause := context.Cause(ctx); cause != nil && !stopped(cause) {
			return nil, false
		}
		if report == nil { // also where it has been found out already
			if code := e.goesOn(t, kind); code != abi.CodeOK {
				t.cancel(stop(code))
				return nil, false // the errand ends now, and says why
			}
		}
		if report != nil {
			e.codeOf(report)
		}
		return message(kind, t.number, values), true
	}, sync.OnceFunc(func() { close(handled) }))
	if stopped(report) { // the last word: there is nothing to be called off
		<-handled
		return nil
	}
	select {
	case <-handled:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

// holds asks whether a ticket's permission holds.
func (e *Env) holds(t *ticket) abi.Code {
	switch {
	case e.gate == nil:
		return abi.CodeDenied
	case t.need == nil:
		return e.gate.Holds(&abi.Need{Capability: t.cap})
	}
	return e.gate.Holds(t.need())
}

// goesOn asks before a message: one of a stream uses budget as a call does, all others belong to the call that began it.
func (e *Env) goesOn(t *ticket, kind string) abi.Code {
	if kind != "event" && kind != "chunk" || t.need == nil || e.gate == nil {
		return e.holds(t)
	}
	return e.gate.Permit(t.need())
}

// stop is what a ticket ends with that may not go on.
func stop(code abi.Code) error {
	if code == abi.CodeLimit {
		return errSpent
	}
	return errRevoked
}

// stopped reports whether what has called a ticket off is to be told to the plugin, as its last word.
func stopped(cause error) bool { return cause == error(errRevoked) || cause == error(errSpent) }

// message is [kind, ticket, value...].
func message(kind string, number uint32, values [][]byte) []byte {
	b := cbor.AppendText(cbor.AppendArray(nil, 2+len(values)), kind)
	b = cbor.AppendUint(b, uint64(number))
	for _, v := range values {
		b = append(b, v...)
	}
	return b
}

// Waiting is how many tickets the plugin has open. It is safe for concurrent use, as is all below.
func (e *Env) Waiting() int {
	e.tickets.mu.Lock()
	defer e.tickets.mu.Unlock()
	return len(e.tickets.open)
}

// Due is how many open tickets end with an answer: all but those of channels.
func (e *Env) Due() (n int) {
	e.tickets.mu.Lock()
	defer e.tickets.mu.Unlock()
	for _, t := range e.tickets.open {
		if t.cap != abi.CapSSE {
			n++
		}
	}
	return n
}

// DropTickets calls off what is under way for an instance that is gone. Nothing comes of it any more.
func (e *Env) DropTickets() { e.each(func(t *ticket) { t.cancel(errDropped) }) }

// Recheck asks the gate again for every open ticket and for what the plugin waits for, and ends those
// whose permission has ended: the plugin hears CodeDenied. Without it a ticket ends with the next message that
// it would get, and a wait with its answer.
func (e *Env) Recheck() {
	e.tickets.rechecks.Add(1)
	e.each(func(t *ticket) {
		if e.holds(t) == abi.CodeDenied {
			t.cancel(errRevoked)
		}
	})
}

func (e *Env) each(do func(*ticket)) {
	e.tickets.mu.Lock()
	open := make([]*ticket, 0, len(e.tickets.open))
	for _, t := range e.tickets.open {
		open = append(open, t)
	}
	if e.tickets.blocked != nil {
		open = append(open, e.tickets.blocked)
	}
	e.tickets.mu.Unlock()
	for _, t := range open {
		do(t)
	}
}

// coreCancel is vitrine:core.cancel, which calls off what a ticket is for. Nothing more comes for it.
//
// Parameter: the number of the ticket, memory is not touched. Result: CodeOK; CodeNotFound if it is not
// open, because its last message has come or it never was. What was asked for may have been done all the same.
func coreCancel(e *Env, _ *runtime.Caller, args []uint64) int64 {
	e.tickets.mu.Lock()
	t := e.tickets.open[uint32(args[0])]
	e.tickets.mu.Unlock()
	if t == nil {
		return int64(abi.CodeNotFound)
	}
	t.cancel(errDropped)
	return int64(abi.CodeOK)
}

// codeOf is the code of an error, and reports what is a fault of the host.
func (e *Env) codeOf(err error) abi.Code {
	code := codeOf(err)
	switch code {
	case abi.CodeDenied, abi.CodeNotFound, abi.CodeConflict, abi.CodeCanceled:
	default:
		e.Report("hostfuncs: could not do it", err)
	}
	return code
}

func codeOf(err error) abi.Code {
	var code abi.Code
	var own *runtime.GuestError
	switch {
	case errors.As(err, &own):
		return own.Code
	case errors.As(err, &code) && code < 0 && code >= abi.CodeInternal:
		return code
	case errors.Is(err, context.DeadlineExceeded):
		return abi.CodeDeadline
	case errors.Is(err, context.Canceled), errors.Is(err, errDropped):
		return abi.CodeCanceled
	}
	return abi.CodeInternal
}

// record reads a map: field gets each key with the reader before its value, and answers false if it
// does not know the key. What is not one such map, whole and deterministic, is false.
func record(b []byte, field func(key string, r *cbor.Reader) bool) bool {
	if cbor.Valid(b) != nil {
		return false
	}
	r := cbor.NewReader(b)
	for range r.Map() {
		if !field(string(r.Text()), r) {
			return false
		}
	}
	return r.End() == nil
}
