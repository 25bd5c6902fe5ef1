package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
	"github.com/vitrine-run/vitrine/examples"
)

// tab is a page of the demo: it has a session, a socket and one mount.
type tab struct {
	*server
	ws   *websocket.Conn
	page *bridgetest.Page
}

func (s *server) open(place string) *tab {
	s.t.Helper()
	v := s.visitor()
	ticket := v.ticket(place)
	p := &tab{s, v.greeted(), bridgetest.NewPage(1)}
	p.write((&abi.Mount{Mount: 1, Visible: true, Ticket: ticket}).Append(nil))
	return p
}

func (p *tab) write(frame []byte) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		p.t.Fatal(err)
	}
}

// until applies and acknowledges frames until ok says that it is enough.
func (p *tab) until(what string, ok func() bool) {
	p.t.Helper()
	for !ok() {
		_ = p.ws.SetReadDeadline(time.Now().Add(2 * time.Minute))
		_, frame, err := p.ws.ReadMessage()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", what, err)
		}
		if _, mounted := abi.MountOf(frame); !mounted {
			continue
		}
		if err := p.page.Apply(frame); err != nil {
			p.t.Fatal(err)
		}
		if p.page.Fault != nil {
			p.t.Fatalf("waiting for %s: %+v", what, p.page.Fault)
		}
		p.write(p.page.Ack())
	}
}

func (p *tab) shows(component string) func() bool {
	return func() bool { return p.page.Root != nil && len(p.page.Find(component)) > 0 }
}

// says reports whether some words are anywhere on the page.
func (p *tab) says(words string) func() bool {
	return func() bool {
		if p.page.Root == nil {
			return false
		}
		b, err := json.Marshal(p.page.Root)
		return err == nil && strings.Contains(string(b), words)
	}
}

// needExamples skips a test of the examples when they are not in this program.
func needExamples(t *testing.T) {
	t.Helper()
	for _, name := range examples.Names() {
		if !examples.Built(name) {
			t.Skipf("%s is not built: make build", name)
		}
	}
	if testing.Short() {
		t.Skip("runs real plugins")
	}
}

// administrator is a browser that has used the link which the server has printed.
type administrator struct {
	*server
	client *http.Client
}

func (s *server) admin() *administrator {
	s.t.Helper()
	if resp, body := s.get("/demo/admin"); resp.StatusCode != 403 || strings.Contains(body, "form") {
		s.t.Errorf("anybody reads the admin's page: %s", resp.Status)
	}
	for s.stderr.Scan() && !strings.Contains(s.stderr.Text(), "token=") {
	}
	_, link, _ := strings.Cut(s.stderr.Text(), "http://"+s.addr)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	a := &administrator{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	for _, c := range []struct {
		path   string
		status int
	}{{"/demo/admin?token=x", 403}, {link, 303}, {"/demo/admin", 200}} {
		if resp, _ := a.get(c.path); resp.StatusCode != c.status {
			s.t.Fatalf("%.13s: %s, want %d", c.path, resp.Status, c.status)
		}
	}
	if resp, _ := s.get(link); resp.StatusCode != 403 {
		s.t.Errorf("a link lets in twice: %s", resp.Status)
	}
	return a
}

func (a *administrator) get(path string) (*http.Response, string) {
	a.t.Helper()
	resp, err := a.client.Get("http://" + a.addr + path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp, string(b)
}

// send sends a form and checks what the server thinks of it.
func (a *administrator) send(client *http.Client, origin, what, values string, status int) {
	a.t.Helper()
	r, err := http.NewRequest("POST", "http://"+a.addr+"/demo/admin/"+what, strings.NewReader(values))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header = http.Header{"Origin": {origin}, "Content-Type": {"application/x-www-form-urlencoded"}}
	resp, err := client.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != status {
		a.t.Errorf("%.40s from %s: %s, want %d", values, origin, resp.Status, status)
	}
}

// setProps is what an admin does in the demo: the plugin that is shown follows, what its schema does not allow changes
// nothing, and what another site or another person sends is refused.
func (a *administrator) setProps(fractal *tab) {
	a.t.Helper()
	if _, body := a.get("/demo/admin"); !strings.Contains(body, "Its author says") || !strings.Contains(body, `id="fractal-props-zoom"`) {
		a.t.Errorf("the admin's page is %s", body)
	}
	here := "http://" + a.addr
	a.send(http.DefaultClient, here, "fractal/props", "re=2.5&zoom=8", 403)
	a.send(a.client, "http://evil.example", "fractal/props", "re=2.5", 403)
	a.send(a.client, here, "fractal/props", "re=2.5&zoom=-1", 422)
	a.send(a.client, here, "fractal/props", "re=%zz", 400)
	a.send(a.client, here, "fractal/props", "re="+strings.Repeat("1", 100_000), 400)
	a.send(a.client, here, "fractal/settings", "re=2.5", 404)
	a.send(a.client, here, "fractal/props", "re=1.25&zoom=8", 303)
	fractal.until("the new centre", fractal.says("1.25"))
	if fractal.says("2.5")() {
		a.t.Error("what was refused is shown")
	}
}

// setSettings is likewise for a plugin's own settings: it follows them, and the key for its server is used
// and shown to nobody.
func (a *administrator) setSettings(weather *tab) {
	a.t.Helper()
	here := "http://" + a.addr
	a.send(a.client, here, "weatherboard/settings", "units=%22kelvin%22", 422)
	a.send(a.client, here, "weatherboard/settings", "units=%22imperial%22&apiKey=open-sesame", 303)
	weather.until("a longer forecast", func() bool {
		for _, n := range weather.page.Find("canvas") {
			if strings.Count(n.Text("label"), "rain") == 9 {
				return true
			}
		}
		return false
	})
	if _, body := a.get("/demo/admin"); strings.Contains(body, "open-sesame") {
		a.t.Error("a secret is in the page")
	}
	if weather.says("open-sesame")() {
		a.t.Error("the plugin shows the secret")
	}
}

func TestDemo(t *testing.T) {
	needExamples(t)
	// Compiling plugins under the race detector takes ten times as long: the program is built without.
	program := filepath.Join(t.TempDir(), "vitrine")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	s := startServer(t, program, "--demo")
	if _, body := s.get("/"); !strings.Contains(body, "vitrine-plugin") {
		t.Errorf("the page has no plugin: %s", body)
	}
	counter := s.open("counter")
	counter.until("a button", counter.shows("button"))
	counter.write(counter.page.Event(counter.page.Find("button")[0].ID, 0, nil))
	counter.until("the click", func() bool { return counter.page.AckEv == 1 })

	fractal := s.open("fractal")
	fractal.until("a canvas", fractal.shows("canvas"))
	fractal.until("pixels", func() bool { return len(fractal.page.Canvas) > 0 })
	admin := s.admin()
	admin.setProps(fractal)

	weather := s.open("weatherboard")
	weather.until("the forecast", weather.says("today, down to "))
	admin.setSettings(weather)
	badge := s.open("attendee")
	badge.until("the attendee, live", badge.says("Changes by others show here at once"))
	badge.until("the name", badge.says("Ada Lovelace"))
	other := s.open("attendee")
	other.until("the attendee", other.says("Check in"))
	for _, b := range other.page.Find("button") {
		if b.Text("text") == "Check in" {
			other.write(other.page.Event(b.ID, 0, nil))
		}
	}
	badge.until("what another page changed", badge.says("Changed by others"))
	admin.decideRights(other)

	_, body := s.get("/demo/places")
	var sets []dataSet
	if err := json.Unmarshal([]byte(body), &sets); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	for _, set := range sets {
		lens := s.open(set.Place)
		lens.until("a table of "+set.Title, lens.shows("row"))
	}
	s.drains("counter", "button")
}
