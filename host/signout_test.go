package host_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/vitrine-run/vitrine/host"
)

// Whoever has signed out loses what was open, and is refused from then on.
func TestSignOut(t *testing.T) {
	var out atomic.Bool
	s := newSite(t, func(o *host.Options) {
		o.Anonymous = false
		o.Identity = func(r *http.Request) (host.Principal, error) {
			if out.Load() && r.Header.Get("X-User") == "ada" {
				return host.Principal{}, errors.New("not signed in")
			}
			return host.Principal{ID: r.Header.Get("X-User")}, nil
		}
	})
	tabs := map[string]*tab{}
	for _, user := range []string{"ada", "bob"} {
		v := s.visitor()
		_, body := v.send("POST", "/vitrine/tickets", `{"place":"desk"}`, "X-User", user)
		var got struct{ Ticket string }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err, body)
		}
		p := v.tab("X-User", user)
		p.mount(1, got.Ticket)
		p.until("the desk", func() bool { return p.Pages[1].Seq > 0 })
		tabs[user] = p
	}
	out.Store(true)
	s.SignOut("ada")
	for {
		if _, _, err := tabs["ada"].WS.ReadMessage(); err != nil {
			break
		}
	}
	waitFor(t, "the end of the plugin", func() bool { _, _, mounts := s.Outstanding(); return mounts == 1 })
	if ws, status := s.visitor().dial("X-User", "ada"); ws != nil || status != http.StatusUnauthorized {
		t.Errorf("a new socket: %d", status)
	}
	bob := tabs["bob"]
	bob.click(bob.Pages[1], 0)
	bob.until("the click", func() bool { return bob.Pages[1].AckEv == bob.Pages[1].Ev })
}
