package sandbox

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// Denial is a record of the audit: something that a plugin was refused. Equal ones that follow each
// other are one record.
type Denial struct {
	Number     uint64         `json:"number"` // of the record, from 1: the newest has the largest
	Time       time.Time      `json:"time"`   // of the first
	Plugin     string         `json:"plugin"`
	Version    string         `json:"version"`
	Principal  string         `json:"principal"`
	Capability abi.Capability `json:"capability"`
	Need       string         `json:"need"` // what was needed, escaped and bounded
	Step       Step           `json:"step"` // who said no
	Times      uint64         `json:"times"`
	Lost       uint64         `json:"lost,omitempty"` // other denials before it that were too many to record
}

// Audit keeps the newest denials of every sandbox that shares it, and counts all of them. It is safe for
// concurrent use and bounded, whatever plugins do: each sandbox adds a few records at once and one a
// second after that; the rest is counted. It needs no closing.
type Audit struct {
	mu     sync.Mutex
	ring   []*Denial // oldest first from next on, once it is full
	next   int
	last   uint64 // number of the newest
	counts map[DenialCount]uint64
}

// DenialCount is what denials are counted by.
type DenialCount struct {
	Plugin     string
	Capability abi.Capability
	Step       Step
}

// AuditRecords is how many records an Audit keeps.
const AuditRecords = 1024

// maxCounts bounds the counters: those of further plugins are counted together, under no name.
const maxCounts = 4096

// NewAudit returns an empty Audit.
func NewAudit() *Audit { return &Audit{counts: map[DenialCount]uint64{}} }

// A DenialQuery says which denials are wanted. The zero value wants all.
type DenialQuery struct {
	Plugin, Principal string         // "" is any
	Capability        abi.Capability // "" is any
	Step              Step           // "" is any
	Since             time.Time
	Before            uint64 // only records with smaller numbers, for the next page; 0 is any
	Most              int    // 0 is all that are kept
}

func (q *DenialQuery) wants(d *Denial) bool {
	return (q.Plugin == "" || q.Plugin == d.Plugin) && (q.Principal == "" || q.Principal == d.Principal) &&
		(q.Capability == "" || q.Capability == d.Capability) && (q.Step == "" || q.Step == d.Step) && !d.Time.Before(q.Since) &&
		(q.Before == 0 || d.Number < q.Before)
}

// Denials returns the records that q wants, newest first. A nil q wants all.
func (a *Audit) Denials(q *DenialQuery) []Denial {
	if q == nil {
		q = &DenialQuery{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []Denial{}
	for i := range a.ring {
		d := a.ring[(a.next+len(a.ring)-1-i)%len(a.ring)]
		if q.wants(d) {
			out = append(out, *d)
		}
		if q.Most > 0 && len(out) == q.Most {
			break
		}
	}
	return out
}

// Counts returns how often what was denied, since the Audit was made.
func (a *Audit) Counts() map[DenialCount]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make(map[DenialCount]uint64, len(a.counts))
	for k, n := range a.counts {
		out[k] = n
	}
	return out
}

// WriteMetrics writes the counts in the text format of Prometheus (exposition format 0.0.4), sorted.
func (a *Audit) WriteMetrics(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# HELP vitrine_denials_total What plugins were refused, by the step that refused it.\n# TYPE vitrine_denials_total counter\n")
	counts := a.Counts()
	keys := make([]DenialCount, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y DenialCount) int {
		return cmp.Or(cmp.Compare(x.Plugin, y.Plugin), cmp.Compare(x.Capability, y.Capability), cmp.Compare(x.Step, y.Step))
	})
	for _, k := range keys {
		fmt.Fprintf(&b, "vitrine_denials_total{plugin=%q,capability=%q,step=%q} %d\n", k.Plugin, string(k.Capability), string(k.Step), counts[k])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// count counts one denial.
func (a *Audit) count(k DenialCount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.counts[k]; !ok && len(a.counts) >= maxCounts {
		k.Plugin = ""
	}
	a.counts[k]++
}

// again counts one more of a record that is kept.
func (a *Audit) again(d *Denial) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d.Times++
	a.counts[DenialCount{d.Plugin, d.Capability, d.Step}]++
}

func (a *Audit) keep(d *Denial) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	d.Number = a.last
	if len(a.ring) < AuditRecords {
		a.ring = append(a.ring, d)
		return
	}
	a.ring[a.next] = d
	a.next = (a.next + 1) % AuditRecords
}

// whose denials a sandbox's are.
type whose struct{ plugin, version, principal string }

// How many records a sandbox adds: a few at once, one a second after that.
const (
	recordBurst = 16
	recordEvery = time.Second
)

// recorder makes the records of one sandbox. It is used under the gate's lock.
type recorder struct {
	last   *Denial
	need   abi.Need // of last
	left   float64
	filled time.Time
	lost   uint64
}

func (r *recorder) add(a *Audit, who whose, need *abi.Need, step Step, now time.Time) {
	if r.last != nil && r.last.Step == step && r.need == *need {
		a.again(r.last)
		return
	}
	a.count(DenialCount{who.plugin, need.Capability, step})
	if !r.filled.IsZero() {
		r.left = min(recordBurst, r.left+float64(now.Sub(r.filled))/float64(recordEvery))
	}
	r.filled = now
	if r.left < 1 {
		r.lost++
		return
	}
	r.left--
	kept := &Denial{
		Time: now, Plugin: who.plugin, Version: who.version, Principal: who.principal, Capability: need.Capability,
		Need: needText(need), Step: step, Times: 1, Lost: r.lost,
	}
	r.lost = 0
	a.keep(kept)
	if r.last = nil; sizeOf(need) <= maxKept {
		r.last, r.need = kept, cloned(need)
	}
}

// maxKept bounds the needs that are compared with the next one, in bytes of a plugin's own.
const maxKept = 4 << 10

// texts are what a plugin may have chosen in a need.
func texts(n *abi.Need) [10]*string {
	return [...]*string{&n.Name, &n.Method, &n.Path, &n.Channel, &n.Host, &n.Secret, &n.Model, &n.Ability, &n.Key, &n.Instance}
}

func sizeOf(n *abi.Need) (size int) {
	for _, s := range texts(n) {
		size += len(*s)
	}
	return size
}

// cloned is a need whose texts are its own: they may be a view of what goes away.
func cloned(n *abi.Need) abi.Need {
	out := *n
	for _, s := range texts(&out) {
		*s = strings.Clone(*s)
	}
	return out
}

// maxNeed is how much of a need a record keeps, in bytes of the plugin's own.
const maxNeed = 200

// needText says what was needed, for a record. A path may be as long as a request: it is cut first.
func needText(n *abi.Need) string {
	short := *n
	for _, s := range texts(&short) {
		*s = cut(*s, maxNeed)
	}
	text := fmt.Sprintf("%+q", cut(short.String(), 2*maxNeed))
	return text[1 : len(text)-1]
}
