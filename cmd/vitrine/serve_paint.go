package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/host"
)

// paintTime is how long a page waits for what its plugins render first. What is late comes by itself.
const paintTime = time.Second

// painted answers with a page in which each <vitrine-plugin place="..."></vitrine-plugin> has what the plugin renders first, so
// that it is seen before any script has run, and without one. A browser that is to save data gets the page as it is: what is painted
// comes once more when the plugin is live.
func painted(h *host.Host, page []byte) http.Handler {
	at := regexp.MustCompile(`<vitrine-plugin place="([a-z0-9._-]+)"></vitrine-plugin>`).FindAllSubmatchIndex(page, -1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Save-Data")
		var out strings.Builder
		from := 0
		ctx, cancel := context.WithTimeout(r.Context(), paintTime)
		defer cancel()
		for _, m := range at {
			if r.Method != http.MethodGet || strings.EqualFold(r.Header.Get("Save-Data"), "on") {
				break
			}
			element, err := h.Prerender(ctx, w, r, string(page[m[2]:m[3]]))
			if err != nil {
				continue // the shell says what is wrong
			}
			out.Write(page[from:m[0]])
			out.WriteString(string(element))
			from = m[1]
		}
		out.Write(page[from:])
		w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
		_, _ = io.WriteString(w, out.String()) // who asked may have gone
	})
}
