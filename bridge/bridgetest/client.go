package bridgetest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
)

// Client is the connection of a page in tests. Send and Next may be called from two goroutines.
type Client struct {
	Hello abi.Hello // what the server said first
	ws    *websocket.Conn
}

// Dial connects to the socket at a http URL as a page of the given origin, and exchanges HELLO.
func Dial(url, origin string, header http.Header) (*Client, error) {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if origin != "" {
		h.Set("Origin", origin)
	}
	d := websocket.Dialer{Subprotocols: []string{abi.Subprotocol}, HandshakeTimeout: time.Minute}
	ws, res, err := d.Dial("ws"+strings.TrimPrefix(url, "http"), h)
	if err != nil {
		if res != nil {
			err = fmt.Errorf("%w: %s", err, res.Status)
		}
		return nil, err
	}
	c := &Client{ws: ws}
	if err = c.Send((&abi.ClientHello{Version: abi.ProtocolVersion, Catalog: abi.CatalogHash()}).Append(nil)); err == nil {
		var frame []byte
		if frame, err = c.Next(time.Minute); err == nil {
			err = c.Hello.Parse(frame)
		}
	}
	if err != nil {
		_ = ws.Close()
		return nil, err
	}
	return c, nil
}

// Send sends a frame.
func (c *Client) Send(frame []byte) error { return c.ws.WriteMessage(websocket.BinaryMessage, frame) }

// Next waits for the next frame. It answers PING itself.
func (c *Client) Next(within time.Duration) ([]byte, error) {
	if err := c.ws.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	for {
		kind, frame, err := c.ws.ReadMessage()
		switch {
		case err != nil:
			return nil, err
		case kind != websocket.BinaryMessage:
			return nil, errors.New("bridgetest: a message that is not binary")
		case abi.TypeOf(frame) != abi.FramePing:
			return frame, nil
		}
		if err := c.Send(abi.AppendSimple(nil, abi.FramePong)); err != nil {
			return nil, err
		}
	}
}

// Conn is the connection, for tests that do what a page does not.
func (c *Client) Conn() *websocket.Conn { return c.ws }

// Cut ends the connection without a word.
func (c *Client) Cut() { _ = c.ws.NetConn().Close() }
