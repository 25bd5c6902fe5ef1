package bridge

import (
	"errors"
	"slices"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

const (
	effectTime     = 5 * time.Second // after the plugin took up what the person did
	effectsAnEvent = 8
)

// What Effect may answer.
var (
	ErrNoEvent       = errors.New("bridge: the person has not done anything just now that this could follow from")
	ErrEffects       = errors.New("bridge: too many effects of one event")
	ErrNoDownloads   = errors.New("bridge: this host offers no files")
	errUnknownEffect = errors.New("bridge: there is no such effect")
)

// Downloads offers files to a page over HTTP. A host implements it.
type Downloads interface {
	// Offer makes a token for one download, at most abi.MaxTicket bytes. It must not block; data is a copy.
	Offer(name string, data []byte) (token string, err error)
}

// effects are what a page does once. They follow from what a person did: none is sent without that, and none
// later.
type effects struct {
	ev     uint32    // event that the plugin took up last, of those that a person causes
	until  time.Time // how long effects may follow from it
	left   int       // that may still
	did    uint8     // which of open, copy and download have, a bit for each kind
	staged []effect  // of a call of the plugin that is not over
	ready  []effect
}

type effect struct {
	abi.Effect
	key   string
	until time.Time
}

// begin says that the plugin takes up an event.
func (e *effects) begin(ev uint32, now time.Time) {
	if ev > e.ev {
		e.ev, e.until, e.left, e.did = ev, now.Add(effectTime), effectsAnEvent, 0
	}
}

// allow counts an effect, or says why there may be none.
func (e *effects) allow(kind abi.EffectKind, now time.Time) error {
	switch {
	case e.ev == 0 || now.After(e.until):
		return ErrNoEvent
	case e.left == 0:
		return ErrEffects
	}
	switch kind {
	case abi.EffectOpen, abi.EffectCopy, abi.EffectDownload:
		if e.did>>kind&1 != 0 {
			return ErrEffects
		}
		e.did |= 1 << kind
	}
	e.left--
	return nil
}

// drop forgets what has not been sent.
func (e *effects) drop() { e.staged, e.ready = nil, nil }

// Effect has the page do something once, after it shows what the plugin renders in the same call. It is an
// error, and nothing is done, if the person has not done anything just now (ErrNoEvent), if it is one effect too
// many of what they did (ErrEffects), or if the host offers no files (ErrNoDownloads). What cannot be sent in time, to a
// page that is hidden, slow or cut off, is never done.
func (m *Mount) Effect(r *abi.EffectRequest) error {
	if r.Kind < abi.EffectFocus || r.Kind > abi.EffectDownload {
		return errUnknownEffect
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.gone():
		return nil
	case r.Kind == abi.EffectDownload && m.options.Downloads == nil:
		return ErrNoDownloads
	}
	if err := m.effects.allow(r.Kind, m.now()); err != nil {
		return err
	}
	e := effect{key: r.Key, until: m.effects.until, Effect: abi.Effect{Ev: m.effects.ev, Kind: r.Kind, Tone: r.Tone, Text: r.Text}}
	switch r.Kind {
	case abi.EffectAnnounce, abi.EffectToast:
		e.Text = cut(plain(r.Text), abi.MaxEffectText)
	case abi.EffectDownload:
		token, err := m.options.Downloads.Offer(r.Text, slices.Clone(r.Data))
		if err != nil {
			return err
		}
		e.Token = token
	}
	m.effects.staged = append(m.effects.staged, e)
	return nil
}

// nextEffect appends an effect that is due: the page shows what the plugin rendered before it.
func (m *Mount) nextEffect(b []byte) []byte {
	for len(m.effects.ready) > 0 {
		e := m.effects.ready[0]
		m.effects.ready = slices.Delete(m.effects.ready, 0, 1)
		if m.now().After(e.until) {
			continue
		}
		if e.Kind == abi.EffectFocus || e.Kind == abi.EffectScroll {
			if e.Node = m.keyed(e.key); e.Node == 0 {
				continue
			}
		}
		e.Mount = m.number
		return e.Append(b)
	}
	return b
}

// keyed is the id of the first node that has a key, 0 if there is none.
func (m *Mount) keyed(key string) uint32 {
	for i := range m.sent.Nodes {
		if k := m.sent.Key(i); len(k) > 0 && string(k) == key {
			return m.ids[i]
		}
	}
	return 0
}
