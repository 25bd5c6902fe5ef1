package host_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/host"
)

func TestDownload(t *testing.T) {
	h, err := host.New(&host.Options{
		Origins: []string{"https://a.example"},
		Identity: func(r *http.Request) (host.Principal, error) {
			return host.Principal{ID: r.Header.Get("Who")}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Drain(context.Background()) }()
	post := func(token string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "https://a.example/vitrine/download", strings.NewReader(url.Values{"token": {token}}.Encode()))
		r.Header = http.Header{"Who": {"ada"}, "Origin": {"https://a.example"}, "Content-Type": {"application/x-www-form-urlencoded"}}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	offer := func() string {
		token, err := h.Offer("ada", "192.0.2.1", "Übersicht <1>.html", []byte("<script>alert(1)</script>"))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for name, header := range map[string][]string{
		"somebody else": {"Who", "eve"}, "another origin": {"Origin", "https://evil.example"}, "no origin": {"Origin", ""},
		"a form from elsewhere": {"Origin", "null", "Sec-Fetch-Site", "cross-site"}, "not a form": {"Content-Type", "text/plain"},
	} {
		token := offer()
		if w := post(token, header...); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "script") {
			t.Errorf("%s: %d", name, w.Code)
		}
		if w := post(token); w.Code != http.StatusOK {
			t.Errorf("%s: used up", name)
		}
	}
	token := offer()
	w := post(token, "Origin", "null", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusOK || w.Body.String() != "<script>alert(1)</script>" {
		t.Fatalf("%d %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": "attachment; filename*=utf-8''%C3%9Cbersicht%20%3C1%3E.html",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if w := post(token); w.Code != http.StatusForbidden {
		t.Errorf("the second time: %d", w.Code)
	}
	if w := post(token, "Sec-Fetch-Mode", "navigate"); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("a form would lead its page away: %d %q", w.Code, w.Body)
	}
	for range 16 {
		offer()
	}
	if _, err := h.Offer("ada", "192.0.2.1", "one more", nil); err == nil {
		t.Error("there is no bound")
	}
	if _, err := h.Offer("grace", "192.0.2.2", "large", make([]byte, 33<<20)); err == nil {
		t.Error("there is no bound of bytes")
	}
}

// TestDownloadsOfStrangers: whoever is many people at one address takes a share of the room, not all of it.
func TestDownloadsOfStrangers(t *testing.T) {
	h, err := host.New(&host.Options{Origins: []string{"https://a.example"}, Anonymous: true, Limits: host.Limits{AddressShare: 0.25}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Drain(context.Background()) }()
	large := make([]byte, 32<<20) // never written: no memory
	offer := func(n int, address string, data []byte) (taken int) {
		for i := range n {
			if _, err := h.Offer(fmt.Sprint(address, " ", i), address, "a", data); err == nil {
				taken++
			}
		}
		return taken
	}
	if n := offer(8, "203.0.113.7", large); n != 2 {
		t.Errorf("%d files of 32 MiB were taken from one address, a quarter of the room is 2", n)
	}
	if n := offer(1, "198.51.100.2", large); n != 1 {
		t.Error("others are locked out")
	}
	if n := offer(1500, "198.51.100.3", nil); n != 1024 {
		t.Errorf("%d files were taken from one address, a quarter is 1024", n)
	}
}
