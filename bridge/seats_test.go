package bridge_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/bridge"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// seatsOf are the headers of somebody at an address.
func seatsOf(name, address string) http.Header { return http.Header{"Who": {name}, "From": {address}} }

func fromHeader(r *http.Request) string { return r.Header.Get("From") }

func TestSocketsPerPrincipalAndAddress(t *testing.T) {
	url, _, _ := serve(t, &bridge.HandlerOptions{SocketsPerPrincipal: 2, SocketsPerAddress: 3, Address: fromHeader})
	open := map[string][]*bridgetest.Client{}
	for _, c := range []struct{ name, address, refused string }{
		{"ann", "a", ""},
		{"ann", "b", ""},
		{"ann", "a", "429"}, // her third
		{"ann", "c", "429"},
		{"bob", "a", ""},
		{"cid", "a", ""},
		{"dan", "a", "429"}, // the fourth there
		{"a", "b", ""},      // a person of an address's name is not the address
	} {
		client, err := bridgetest.Dial(url, origin, seatsOf(c.name, c.address))
		switch {
		case err == nil:
			t.Cleanup(client.Cut)
			open[c.name] = append(open[c.name], client)
		case c.refused == "" || !strings.Contains(err.Error(), c.refused):
			t.Errorf("%s at %s: %v", c.name, c.address, err)
		}
		if (err != nil) != (c.refused != "") {
			t.Errorf("%s at %s: %v, want refused: %q", c.name, c.address, err, c.refused)
		}
	}
	open["cid"][0].Cut()
	deadline := time.Now().Add(time.Minute)
	for {
		client, err := bridgetest.Dial(url, origin, seatsOf("dan", "a"))
		if err == nil {
			client.Cut()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a seat that was left is not free: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
}

// Many come and go at once; at the end every seat is free.
func TestSeatsAreGivenBack(t *testing.T) {
	url, _, _ := serve(t, &bridge.HandlerOptions{SocketsPerPrincipal: 4, SocketsPerAddress: 4, Address: fromHeader})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 10 {
				if client, err := bridgetest.Dial(url, origin, seatsOf("ann", "a")); err == nil {
					client.Cut()
				}
			}
		})
	}
	wg.Wait()
	deadline := time.Now().Add(time.Minute)
	var open []*bridgetest.Client
	for len(open) < 4 {
		if client, err := bridgetest.Dial(url, origin, seatsOf("ann", "a")); err == nil {
			t.Cleanup(client.Cut)
			open = append(open, client)
		} else if time.Now().After(deadline) {
			t.Fatalf("only %d of 4 seats are free: %v", len(open), err)
		}
	}
}
