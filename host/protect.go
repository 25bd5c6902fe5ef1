package host

import "net/http"

// ContentSecurityPolicy is the policy under which a page with plugins works. Nothing that a plugin
// renders needs more.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'; report-uri " + Prefix + "csp-report"

// Protect wraps a handler of pages: it answers only to the host's own names, sets
// ContentSecurityPolicy and its companions, and gives a session to whoever has none where visitors
// are anonymous.
func (h *Host) Protect(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.origins.answersTo(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "this host does not answer to that name")
			return
		}
		SecurityHeaders(w.Header())
		_, _ = h.people.greet(w, r) // whether one must be signed in to see a page is the page's to say
		pages.ServeHTTP(w, r)
	})
}

// SecurityHeaders sets ContentSecurityPolicy and its companions.
func SecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", ContentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
}
