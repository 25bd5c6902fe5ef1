package bridgetest_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// A page takes a snapshot and a patch, refuses a frame that it cannot apply as a whole, and clicks.
func ExampleNewPage() {
	page := bridgetest.NewPage(1)
	for _, frame := range []string{
		"0301010100" + "1b010104476f01",     // SNAP: a button "Go" that can be clicked
		"04010200" + "21" + "06" + "476f21", // PATCH: now it says "Go!"
		"04010300" + "45",                   // PATCH: deletes node 2, which is not there
	} {
		b, _ := hex.DecodeString(frame)
		err := page.Apply(b)
		shown, _ := json.Marshal(page.Root)
		fmt.Println(string(shown), err)
	}
	fmt.Printf("%x\n", page.Event(1, 0, nil))
	// Output:
	// {"id":1,"component":"button","props":{"text":"Go"},"events":["click"]} <nil>
	// {"id":1,"component":"button","props":{"text":"Go!"},"events":["click"]} <nil>
	// {"id":1,"component":"button","props":{"text":"Go!"},"events":["click"]} bridgetest: there is no node 2
	// 430101010002
}

// nothing has no mounts to open.
type nothing struct{}

func (nothing) Open(*http.Request, string) (bridge.Session, error) { return nil, bridge.ErrTicket }

// A client is a page of an origin; a handler answers those that it was told of.
func ExampleDial() {
	h, err := bridge.NewHandler(nothing{}, &bridge.HandlerOptions{
		Origins:   []string{"https://example.org"},
		Principal: func(*http.Request) (string, error) { return "ada", nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(h)
	defer server.Close()
	defer func() { _ = h.Close() }()

	client, err := bridgetest.Dial(server.URL, "https://example.org", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Cut()
	fmt.Println("version", client.Hello.Version)
	_, err = bridgetest.Dial(server.URL, "https://evil.example", nil)
	fmt.Println(err)
	// Output:
	// version 1
	// websocket: bad handshake: 403 Forbidden
}

// The same seed makes the same trees.
func ExampleNewRandom() {
	g := bridgetest.NewRandom(7)
	s := g.Tree(30)
	before := len(s.Decoded(0).Nodes)
	g.Change(s, 5)
	fmt.Println(before > 0, len(s.Decoded(0).Nodes) > 0, string(bridgetest.NewRandom(7).Tree(30).Ops(0)) == string(bridgetest.NewRandom(7).Tree(30).Ops(0)))
	// Output: true true true
}
