package main

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// door lets into the admin's page who can read what this program prints: a link with a token that is good once. Who
// uses it gets a session, and the next link is printed. There is one session: the last one in is the admin.
type door struct {
	origin string
	says   io.Writer

	mu             sync.Mutex
	token, session string
}

// adminCookie holds the session; it is sent to the admin's page alone.
const adminCookie = "vitrine-admin"

// invite makes a token and prints the link.
func (d *door) invite() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = rand.Text()
	fmt.Fprintf(d.says, "the admin's page, once: %s/demo/admin?token=%s\n", d.origin, d.token)
}

// keep lets only the admin reach a page.
func (d *door) keep(page http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch token := r.URL.Query().Get("token"); {
		case r.Method == http.MethodGet && token != "" && d.enter(w, token):
			http.Redirect(w, r, "/demo/admin", http.StatusSeeOther)
		case d.knows(r):
			page(w, r)
		default:
			http.Error(w, "This page is the admin's: open it with the link that the server has printed last.", http.StatusForbidden)
		}
	})
}

func (d *door) enter(w http.ResponseWriter, token string) bool {
	d.mu.Lock()
	right := same(token, d.token)
	if right {
		d.token, d.session = "", rand.Text()
		http.SetCookie(w, &http.Cookie{Name: adminCookie, Value: d.session, Path: "/demo/admin", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	d.mu.Unlock()
	if right {
		d.invite()
	}
	return right
}

func (d *door) knows(r *http.Request) bool {
	c, err := r.Cookie(adminCookie)
	d.mu.Lock()
	defer d.mu.Unlock()
	return err == nil && same(c.Value, d.session)
}

// same compares what is given with what is kept, which is right for nobody while it is empty.
func same(given, kept string) bool {
	return kept != "" && subtle.ConstantTimeCompare([]byte(given), []byte(kept)) == 1
}
