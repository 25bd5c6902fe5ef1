package hostfuncs

import (
	"context"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/runtime"
)

// Events are the channels of the host application. MemoryEvents is one in the same process; EventSource
// asks an endpoint of the application. It is safe for concurrent use.
type Events interface {
	// Subscribe calls deliver for each event of a topic that who may hear, one at a time, until ctx ends or
	// deliver returns an error. deliver waits for the plugin: what comes meanwhile is kept up to some bound, or lost.
	Subscribe(ctx context.Context, who *Subject, topic *Topic, deliver func(*HostEvent) error) error
}

// Topic is what is subscribed to: a channel, or what it says of one instance.
type Topic struct {
	Channel       string // such as "attendee.updated"
	Key, Instance string // the field that tells instances apart and its value; "" for all of them
}

// HostEvent is one event of a channel.
type HostEvent struct {
	ID   string // "" if it has none
	Name string // "" if it is the channel's
	Data []byte
}

// MaxEvent is how many bytes the data of an event may have.
const MaxEvent = 256 << 10

// How often a plugin subscribes: each time is a request to the application.
const (
	subscribeRate  = 10 // a second
	subscribeBurst = 100
)

// sseSubscribe is vitrine:sse.subscribe, which hears a channel of the host application until core.cancel.
//
// Parameters: the address and the length of a topic. Result: a ticket above 0, to which any number of
// ["event", ticket, host-event] come, and ["error", ticket, code] when the channel or the permission ends;
// CodeInvalid; CodeDenied; CodeLimit if too many tickets are open or it subscribes too often; CodeUnsupported.
func sseSubscribe(e *Env, c *runtime.Caller, args []uint64) int64 {
	b, ok := view(c, args)
	topic, whole := parseTopic(b)
	switch {
	case !ok || !whole:
		return int64(abi.CodeInvalid)
	case e.services.Events == nil:
		return int64(abi.CodeUnsupported)
	}
	need := &abi.Need{Capability: abi.CapSSE, Channel: topic.Channel, Key: topic.Key, Instance: topic.Instance}
	if code := e.permitted(need); code != abi.CodeOK {
		return int64(code)
	}
	if !e.channels.take(e.now()) {
		return int64(abi.CodeLimit)
	}
	return e.ticket(abi.CapSSE, need, func(ctx context.Context, tell teller) ([]byte, error) {
		err := e.services.Events.Subscribe(ctx, &e.subject, topic, func(ev *HostEvent) error {
			if len(ev.Data) > MaxEvent {
				return refuse(abi.CodeLimit, "an event has more than %d bytes", MaxEvent)
			}
			return tell("event", appendEvent(nil, ev))
		})
		if err == nil {
			err = refuse(abi.CodeUnavailable, "the channel has ended")
		}
		return nil, err
	})
}

// parseTopic reads a topic.
func parseTopic(b []byte) (*Topic, bool) {
	t := &Topic{}
	if len(b) > kvRoom {
		return nil, false
	}
	ok := record(b, func(key string, r *cbor.Reader) bool {
		switch key {
		case "channel":
			t.Channel = string(r.Text())
		case "key":
			t.Key = string(r.Text())
		case "instance":
			t.Instance = string(r.Text())
		default:
			return false
		}
		return true
	})
	return t, ok && abi.CheckChannel(t.Channel) == nil && (t.Key == "") == (t.Instance == "") && len(t.Instance) <= MaxKey
}

func appendEvent(b []byte, ev *HostEvent) []byte {
	b = cbor.AppendMap(b, 3)
	b = cbor.AppendText(cbor.AppendText(b, "id"), valid(ev.ID))
	b = cbor.AppendText(cbor.AppendText(b, "data"), valid(string(ev.Data)))
	return cbor.AppendText(cbor.AppendText(b, "event"), valid(ev.Name))
}
