package host

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"net"
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
	remote   func(*http.Request) string             // nil: by the connection
	secure   bool                                   // the cookie is for https only
	key      [sha256.Size]byte                      // under which this process signs its cookies
}

func newPeople(o *Options, secure bool) people {
	p := people{identity: o.Identity, remote: o.RemoteAddr, secure: secure}
	_, _ = rand.Read(p.key[:]) // never fails
	return p
}

// The session cookie holds a random number that tells anonymous visitors apart, and a signature:
// only a number that this process has given counts, so that nobody can choose whom he is taken for.
// Nothing is kept on the server under it but what is running for it.
const (
	sessionCookie   = "vitrine_session"
	sessionLength   = 26 // of rand.Text: 130 bits in base32
	signatureLength = 26 // 128 bits in base32
)

// cookieName is the name of the session cookie. Browsers share cookies among the ports of a host: two
// servers on one machine must not take each other's away.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil && port != "80" && port != "443" {
		return sessionCookie + "_" + port
	}
	return sessionCookie
}

// who returns who makes r.
func (p *people) who(r *http.Request) (Principal, error) {
	if p.identity == nil {
		return p.anonymous(r)
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

// party is whom what r asks for counts against. Where the application knows who makes a request, and
// does not say from where, a person stands for an address of their own: behind a proxy or in an office
// all have the same.
func (p *people) party(r *http.Request, who Principal) party {
	if p.identity != nil && p.remote == nil {
		return party{who.ID, who.ID}
	}
	return party{who.ID, p.address(r)}
}

func (p *people) address(r *http.Request) string {
	if p.remote != nil {
		if addr := p.remote(r); addr != "" {
			return network(addr)
		}
	}
	return network(r.RemoteAddr)
}

// anonymous reads the session cookie. There may be several of its name: another host of the same
// domain can set one.
func (p *people) anonymous(r *http.Request) (Principal, error) {
	for _, c := range r.CookiesNamed(cookieName(r)) {
		if len(c.Value) != sessionLength+signatureLength {
			continue
		}
		session, signature := c.Value[:sessionLength], c.Value[sessionLength:]
		if hmac.Equal([]byte(signature), []byte(p.sign(session))) {
			return stranger(session), nil
		}
	}
	return Principal{}, errWho
}

// sign returns the signature of a session.
func (p *people) sign(session string) string {
	mac := hmac.New(sha256.New, p.key[:])
	mac.Write([]byte(session))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:16])
}

// stranger is the principal of a session. It is in logs, so it does not tell the cookie.
func stranger(session string) Principal {
	sum := sha256.Sum256([]byte(session))
	return Principal{ID: "anonymous-" + hex.EncodeToString(sum[:8])}
}

// greet is who, and gives a session to whoever has none of ours where visitors are anonymous.
func (p *people) greet(w http.ResponseWriter, r *http.Request) (Principal, error) {
	who, err := p.who(r)
	if err == nil || p.identity != nil {
		return who, err
	}
	if given, err := p.given(w, r); err == nil {
		return given, nil
	}
	session := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r), Value: session + p.sign(session), Path: "/",
		HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteStrictMode,
	})
	return stranger(session), nil
}

// given is whom an answer that is being made has just given a session: a page may ask for several plugins before its visitor has one.
func (p *people) given(w http.ResponseWriter, r *http.Request) (Principal, error) {
	answer := http.Response{Header: w.Header()}
	with := http.Request{Host: r.Host, Header: http.Header{}}
	for _, c := range answer.Cookies() {
		with.AddCookie(c)
	}
	return p.anonymous(&with)
}
