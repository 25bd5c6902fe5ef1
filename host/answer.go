package host

import (
	"encoding/json"
	"net/http"
)

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"internal"}`)
	}
	plain(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // who asked may have gone
}

// refuse says why not, in words of our own.
func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}

// later refuses what may be tried again in a moment.
func later(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Retry-After", "5")
	refuse(w, status, why)
}

// plain marks what is meant for a script or for nobody: not kept, not sniffed, not shown as a page.
func plain(h http.Header) {
	h.Set("Cache-Control", "no-store")
	seal(h)
}

// seal keeps a resource from being taken for another one or used by another site.
func seal(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
