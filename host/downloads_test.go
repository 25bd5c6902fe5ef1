package host_test

import (
	"context"
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
		token, err := h.Offer("ada", "Übersicht <1>.html", []byte("<script>alert(1)</script>"))
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
	if _, err := h.Offer("ada", "one more", nil); err == nil {
		t.Error("there is no bound")
	}
	if _, err := h.Offer("grace", "large", make([]byte, 33<<20)); err == nil {
		t.Error("there is no bound of bytes")
	}
}
