package main

import (
	"context"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/host"
)

// paintTime is how long a page waits for what its plugins render, all together. What is late comes by itself.
const paintTime = time.Second

// painted answers with a page in which each <vitrine-plugin place="..."></vitrine-plugin> has what the plugin renders to begin with, so
// that it is seen before any script has run, and without one. A browser that is to save data gets the page as it is: what is painted
// comes once more when the plugin is live.
func painted(h *host.Host, page []byte) http.Handler {
	at := regexp.MustCompile(`<vitrine-plugin place="([a-z0-9._-]+)"></vitrine-plugin>`).FindAllSubmatchIndex(page, -1)
	names := make([]string, len(at))
	for i, m := range at {
		names[i] = string(page[m[2]:m[3]])
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Save-Data")
		elements := make([]template.HTML, len(at))
		if r.Method == http.MethodGet && !strings.EqualFold(r.Header.Get("Save-Data"), "on") {
			ctx, cancel := context.WithTimeout(r.Context(), paintTime)
			defer cancel()
			elements, _ = h.PrerenderAll(ctx, w, r, names...) // the shell says what is wrong
		}
		var out strings.Builder
		from := 0
		for i, m := range at {
			if elements[i] == "" {
				continue
			}
			out.Write(page[from:m[0]])
			out.WriteString(string(elements[i]))
			from = m[1]
		}
		out.Write(page[from:])
		w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
		_, _ = io.WriteString(w, out.String()) // who asked may have gone
	})
}
