// Package bridge carries what is seen: trees of a plugin to a page as patches, and what the person
// does back as events, over one websocket a page (abi/PROTOCOL.md).
//
//	browser <--frames--> Handler --Session--> Mount --Plugin--> sandbox
//
// A [Mount] is the state machine of one plugin in one page and knows no socket: the plugin's side
// calls Tree, Paint, Effect, Idle, Notice and Fault, the page's side is a [Session] of frames as bytes. So a mount can
// live in another process than the socket. A [Handler] is the socket: it checks where a connection
// comes from, gives each ticket to its [Opener], and carries the frames of many sessions.
//
// Frames are pulled. A session says that it has something (wake) and is asked for its next frame when
// the socket has room, so that a slow page costs no memory: a mount then compares the tree it sent last
// with the newest, and what was in between is never encoded.
//
//	m := bridge.NewMount(plugin, nil)   // the host's Opener returns it for a ticket
//	m.Tree(&tree)                       // 03 01 01 01 00 …   SNAP: mount 1, epoch 1, seq 1
//	m.Tree(&changed)                    // 04 01 02 00 …      PATCH: seq 2, what is different
//
// Events are judged on the tree that the page was shown, when they come in, and once more on the
// newest when the plugin takes them up; each is handled once, however often the connection is lost.
package bridge

// Session is one mount as a Handler sees it: frames of its page as bytes. *Mount is one; another
// could relay to a process elsewhere. It must be safe for concurrent use; Attach and Receive are called
// one at a time. The first frame is the page's MOUNT.
type Session interface {
	// Attach begins or, with nil, ends the time in which frames can be sent. wake is called whenever
	// Next may have something; it does not block.
	Attach(wake func())

	// Receive takes a frame of the page. After Attach(nil) that is at first a RESUME, before it is attached anew.
	// The frame is only valid during the call. An error ends the connection.
	Receive(frame []byte) error

	// Next appends the next frame to b, or nothing. A FAULT is the last frame of a session, unless
	// it is an abi.FaultNotice.
	Next(b []byte) []byte

	// Close ends the session for good.
	Close()
}

var _ Session = (*Mount)(nil)
