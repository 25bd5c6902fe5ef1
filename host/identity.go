package host

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
)

// Principal is who makes a request.
type Principal struct {
	// ID is an opaque handle, 1 to 256 bytes, equal for equal people. It goes into the log; a plugin
	// never sees it.
	ID string
}

var errWho = errors.New("host: nobody is signed in")

// people tells who makes a request: by the application's function, or by a cookie of our own.
type people struct {
	identity func(*http.Request) (Principal, error) // nil: by cookie
	secure   bool                                   // the cookie is for https only
}

// sessionCookie holds a random number that tells anonymous visitors apart. Nothing is kept on the
// server under it but what is running for it.
const (
	sessionCookie = "vitrine_session"
	sessionLength = 26 // of rand.Text: 130 bits in base32
)

// who returns who makes r.
func (p *people) who(r *http.Request) (Principal, error) {
	if p.identity == nil {
		return anonymous(r)
	}
	who, err := p.identity(r)
	if err != nil {
		return Principal{}, err
	}
	if len(who.ID) == 0 || len(who.ID) > 256 {
		return Principal{}, errWho
	}
	return who, nil
}

// idOf is who for package bridge.
func (p *people) idOf(r *http.Request) (string, error) {
	who, err := p.who(r)
	return who.ID, err
}

func anonymous(r *http.Request) (Principal, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || len(c.Value) != sessionLength {
		return Principal{}, errWho
	}
	for i := range len(c.Value) {
		if b := c.Value[i]; (b < 'A' || b > 'Z') && (b < '2' || b > '7') {
			return Principal{}, errWho
		}
	}
	return stranger(c.Value), nil
}

// stranger is the principal of a session. It is in logs, so it does not tell the cookie.
func stranger(session string) Principal {
	sum := sha256.Sum256([]byte(session))
	return Principal{ID: "anonymous-" + hex.EncodeToString(sum[:8])}
}

// greet is who, and gives a session to whoever has none where visitors are anonymous.
func (p *people) greet(w http.ResponseWriter, r *http.Request) (Principal, error) {
	who, err := p.who(r)
	if err == nil || p.identity != nil {
		return who, err
	}
	session := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: session, Path: "/", HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteStrictMode,
	})
	return stranger(session), nil
}
