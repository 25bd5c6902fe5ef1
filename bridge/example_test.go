package bridge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// A mount between a plugin and a page, without a socket.
func ExampleNewMount() {
	m := bridge.NewMount(still{}, nil)
	m.Attach(func() {}) // wake: Next may have something
	_ = m.Receive((&abi.Mount{Mount: 1, Visible: true}).Append(nil))

	m.Tree(texts("one"))
	fmt.Printf("SNAP  %x\n", m.Next(nil))
	m.Tree(texts("one", "two"))
	fmt.Printf("PATCH %x\n", m.Next(nil))
	fmt.Printf("none  %x\n", m.Next(nil))
	// Output:
	// SNAP  03010101000401090101066f6e65
	// PATCH 0401020024000901010674776f
	// none
}

// tickets opens a mount for each ticket; a host would look the ticket up.
type tickets struct{}

func (tickets) Open(_ *http.Request, ticket string) (bridge.Session, error) {
	if ticket != "once" {
		return nil, bridge.ErrTicket
	}
	m := bridge.NewMount(still{}, nil)
	m.Tree(texts("hello"))
	return m, nil
}

// A handler for the pages of one origin, and a page that mounts.
func ExampleNewHandler() {
	h, err := bridge.NewHandler(tickets{}, &bridge.HandlerOptions{
		Origins:   []string{"https://example.org"},
		Principal: func(r *http.Request) (string, error) { return r.Header.Get("Who"), nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(h)
	defer server.Close()
	defer func() { _ = h.Close() }()

	_, err = bridgetest.Dial(server.URL, "https://evil.example", nil)
	fmt.Println(err)

	client, err := bridgetest.Dial(server.URL, "https://example.org", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Cut()
	_ = client.Send((&abi.Mount{Mount: 1, Visible: true, Ticket: "once"}).Append(nil))
	frame, _ := client.Next(time.Minute)
	page := bridgetest.NewPage(1)
	_ = page.Apply(frame)
	shown, _ := json.Marshal(page.Root)
	fmt.Println(string(shown))
	// Output:
	// websocket: bad handshake: 403 Forbidden
	// {"id":1,"component":"box","children":[{"id":2,"component":"text","props":{"text":"hello"}}]}
}
