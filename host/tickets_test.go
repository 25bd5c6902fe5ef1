package host_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/host"
)

func TestTicketRequests(t *testing.T) {
	s := newSite(t, nil)
	const right = `{"place":"desk"}`
	for name, c := range map[string]struct {
		method, body string
		header       []string
		status       int
	}{
		"right":               {"POST", right, nil, 200},
		"with a charset":      {"POST", right, []string{"Content-Type", "application/json; charset=utf-8"}, 200},
		"same origin":         {"POST", right, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"get":                 {"GET", "", nil, 405},
		"no origin":           {"POST", right, []string{"Origin", ""}, 403},
		"origin null":         {"POST", right, []string{"Origin", "null"}, 403},
		"other origin":        {"POST", right, []string{"Origin", "http://evil.example"}, 403},
		"other scheme":        {"POST", right, []string{"Origin", strings.Replace(s.origin(), "http:", "https:", 1)}, 403},
		"other port":          {"POST", right, []string{"Origin", "http://127.0.0.1:1"}, 403},
		"longer origin":       {"POST", right, []string{"Origin", s.origin() + ".evil.example"}, 403},
		"two origins":         {"POST", right, []string{"Origin", s.origin() + " " + s.origin()}, 403},
		"cross site":          {"POST", right, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"same site":           {"POST", right, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"rebound":             {"POST", right, []string{"Host", "evil.example"}, 421},
		"form":                {"POST", right, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		"text":                {"POST", right, []string{"Content-Type", "text/plain"}, 415},
		"no type":             {"POST", right, []string{"Content-Type", ""}, 415},
		"unknown place":       {"POST", `{"place":"nowhere"}`, nil, 404},
		"empty":               {"POST", ``, nil, 400},
		"no object":           {"POST", `"desk"`, nil, 400},
		"no place":            {"POST", `{}`, nil, 400},
		"null":                {"POST", `{"place":null}`, nil, 400},
		"number":              {"POST", `{"place":1}`, nil, 400},
		"another case":        {"POST", `{"PLACE":"desk"}`, nil, 400},
		"folded case":         {"POST", `{"place":"desk","Place":"desk"}`, nil, 400},
		"key twice":           {"POST", `{"place":"nowhere","place":"desk"}`, nil, 400},
		"list":                {"POST", `["place","desk"]`, nil, 400},
		"not closed":          {"POST", `{"place":"desk"`, nil, 400},
		"comma":               {"POST", `{"place":"desk",}`, nil, 400},
		"space behind":        {"POST", right + " \n", nil, 200},
		"much behind":         {"POST", right + strings.Repeat(" ", 2000), nil, 413},
		"byte order mark":     {"POST", "\ufeff" + right, nil, 400},
		"more keys":           {"POST", `{"place":"desk","principal":"root"}`, nil, 400},
		"something behind":    {"POST", right + `{}`, nil, 400},
		"too long":            {"POST", `{"place":"` + strings.Repeat("x", 2000) + `"}`, nil, 413},
		"escaped traversal":   {"POST", `{"place":"../desk"}`, nil, 404},
		"overridden as a get": {"GET", "", []string{"X-HTTP-Method-Override", "POST"}, 405},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := s.visitor().send(c.method, "/vitrine/tickets", c.body, c.header...)
			if resp.StatusCode != c.status {
				t.Errorf("got %s %s, want %d", resp.Status, body, c.status)
			}
			if ok := strings.Contains(body, "ticket\":"); ok != (c.status == 200) {
				t.Errorf("a ticket with status %d: %s", resp.StatusCode, body)
			}
		})
	}
}

func TestTicketAnswer(t *testing.T) {
	v := newSite(t, nil).visitor()
	resp, body := v.send("POST", "/vitrine/tickets", `{"place":"desk"}`)
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if got["plugin"] != "desk" || got["name"] != "Desk" || got["version"] != "1.2.3" || len(got["ticket"]) < 22 || len(got) != 4 {
		t.Errorf("answer is %v", got)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	c := resp.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Path != "/" {
		t.Errorf("cookies are %v", c)
	}
	if resp, _ = v.send("POST", "/vitrine/tickets", `{"place":"desk"}`); len(resp.Cookies()) != 0 {
		t.Error("who has a session got another one")
	}
	for _, forged := range []string{"x", "admin", strings.Repeat("a", 26), strings.Repeat("A", 26), strings.Repeat("A", 52), strings.Repeat("A", 300)} {
		v.cookie = "vitrine_session=" + forged
		if resp, _ = v.send("POST", "/vitrine/tickets", `{"place":"desk"}`); len(resp.Cookies()) != 1 {
			t.Errorf("the cookie %q passed for a session", forged)
		}
	}
}

func TestTicketsAreBounded(t *testing.T) {
	v := newSite(t, func(o *host.Options) { o.Limits = host.Limits{TicketsOfPrincipal: 2} }).visitor()
	v.ticket("desk")
	v.ticket("desk")
	resp, _ := v.send("POST", "/vitrine/tickets", `{"place":"desk"}`)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("the third of one visitor: %s", resp.Status)
	}
}

func TestIdentity(t *testing.T) {
	s := newSite(t, func(o *host.Options) {
		o.Anonymous = false
		o.Identity = func(r *http.Request) (host.Principal, error) {
			if r.Header.Get("X-User") == "nobody" {
				return host.Principal{}, errors.New("not signed in")
			}
			return host.Principal{ID: r.Header.Get("X-User")}, nil
		}
	})
	for user, status := range map[string]int{"ada": 200, "nobody": 401, "": 401, strings.Repeat("x", 257): 401} {
		resp, _ := s.visitor().send("POST", "/vitrine/tickets", `{"place":"desk"}`, "X-User", user)
		if resp.StatusCode != status {
			t.Errorf("user %q: %s, want %d", user, resp.Status, status)
		}
		if len(resp.Cookies()) != 0 {
			t.Errorf("user %q got a cookie of ours", user)
		}
	}
}

// Whatever the body is: no panic, a JSON answer, and a ticket only for an object with that one key.
func FuzzTicketRequest(f *testing.F) {
	for _, body := range []string{`{"place":"desk"}`, `{"place":"x"}`, `{"place":null}`, `[`, `{"place":"desk"}x`, "\x00", `{"PLACE":"desk"}`, `{"place":"desk","place":"desk"}`} {
		f.Add(body)
	}
	h := newSite(f, func(o *host.Options) { o.Limits = host.Limits{Tickets: 1 << 30, TicketsOfPrincipal: 1 << 30} })
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", h.origin()+"/vitrine/tickets", strings.NewReader(body))
		r.Header.Set("Origin", h.origin())
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		}
		var asked map[string]any
		right := json.Unmarshal([]byte(body), &asked) == nil && len(asked) == 1
		for key, value := range asked {
			right = right && key == "place" && value == "desk" && strings.Count(body, ":") == 1
		}
		if (got["ticket"] != "") && !right {
			t.Fatalf("%q got a ticket", body)
		}
	})
}
