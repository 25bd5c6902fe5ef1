package host_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

func TestUpload(t *testing.T) {
	p, s := open(t, nil)
	token := p.announce(p.Pages[1], 5)
	resp, body := p.send("POST", "/vitrine/upload", "a,b,c", "Vitrine-Upload", token, "Content-Type", "text/csv")
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", resp.Status, body)
	}
	p.shows(p.Pages[1], "c")
	if resp, _ := p.send("POST", "/vitrine/upload", "a,b,c", "Vitrine-Upload", token); resp.StatusCode != 403 {
		t.Errorf("the second time: %s", resp.Status)
	}
	if _, uploads, _ := s.Outstanding(); uploads != 0 {
		t.Errorf("%d uploads are kept", uploads)
	}
}

func TestUploadRefuses(t *testing.T) {
	p, s := open(t, nil)
	thief := s.visitor()
	thief.ticket("desk")
	for name, c := range map[string]struct {
		by     *visitor
		header []string
		body   string
		status int
		usedUp bool
	}{
		"get":             {p.visitor, []string{"Method", "GET"}, "", 405, false},
		"no origin":       {p.visitor, []string{"Origin", ""}, "abc", 403, false},
		"other origin":    {p.visitor, []string{"Origin", "http://evil.example"}, "abc", 403, false},
		"rebound":         {p.visitor, []string{"Host", "evil.example"}, "abc", 421, false},
		"no session":      {s.visitor(), nil, "abc", 401, false},
		"somebody else":   {thief, nil, "abc", 403, false},
		"no token":        {p.visitor, []string{"Vitrine-Upload", ""}, "abc", 403, false},
		"guessed":         {p.visitor, []string{"Vitrine-Upload", strings.Repeat("A", 26)}, "abc", 403, false},
		"too long":        {p.visitor, nil, "abcd", 413, true},
		"chunks too long": {p.visitor, []string{"Chunked", "yes"}, "abcd", 413, true},
	} {
		t.Run(name, func(t *testing.T) {
			token := p.announce(p.Pages[1], 3)
			status := uploadAs(t, c.by, token, c.body, c.header)
			if status != c.status {
				t.Errorf("got %d, want %d", status, c.status)
			}
			again, _ := p.send("POST", "/vitrine/upload", "xyz", "Vitrine-Upload", token)
			if usedUp := again.StatusCode == 403; usedUp != c.usedUp {
				t.Errorf("used up: %v, want %v", usedUp, c.usedUp)
			}
		})
	}
	p.click(p.Pages[1], 0) // the plugin is none the worse
	p.until("the click", func() bool { return p.Pages[1].AckEv == p.Pages[1].Ev })
}

// halting is a file that comes byte by byte, as a test says.
type halting struct{ next chan byte }

func (d *halting) Read(p []byte) (int, error) {
	b, ok := <-d.next
	if !ok {
		return 0, io.EOF
	}
	p[0] = b
	return 1, nil
}

// A file may come slowly; one that does not come on at all is refused, and why is said.
func TestUploadThatStops(t *testing.T) {
	p, s := open(t, nil)
	s.SetSilence(100 * time.Millisecond)
	d := &halting{make(chan byte, 1)}
	r, err := http.NewRequest("POST", p.server.URL+"/vitrine/upload", d)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 3
	for name, value := range map[string]string{"Origin": p.origin(), "Cookie": p.cookie, "Vitrine-Upload": p.announce(p.Pages[1], 3)} {
		r.Header.Set(name, value)
	}
	d.next <- 'a'
	resp, err := p.server.Client().Do(r)
	close(d.next)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), "too slowly") {
		t.Errorf("%s %s %v", resp.Status, body, err)
	}
	waitFor(t, "the room of the file", func() bool { return s.RoomForUploads() == 256<<20 })
}

// uploadAs sends a file. The header "Method" changes the method, "Chunked" hides the length.
func uploadAs(t *testing.T, v *visitor, token, body string, header []string) int {
	t.Helper()
	method := "POST"
	all := []string{"Vitrine-Upload", token}
	for i := 0; i < len(header); i += 2 {
		switch header[i] {
		case "Method":
			method = header[i+1]
		case "Chunked":
			return uploadChunked(t, v, token, body)
		default:
			all = append(all, header[i], header[i+1])
		}
	}
	resp, _ := v.send(method, "/vitrine/upload", body, all...)
	return resp.StatusCode
}

func uploadChunked(t *testing.T, v *visitor, token, body string) int {
	t.Helper()
	r, err := http.NewRequest("POST", v.server.URL+"/vitrine/upload", io.MultiReader(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", v.origin())
	r.Header.Set("Cookie", v.cookie)
	r.Header.Set("Vitrine-Upload", token)
	resp, err := v.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestUploadsAreBounded(t *testing.T) {
	p, s := open(t, func(o *host.Options) { o.Limits = host.Limits{Uploads: 1, UploadBytes: 10, UploadTotal: 5} })
	page := p.Pages[1]
	token := p.announce(page, 6) // may be announced, but there is no room to receive it
	if resp, _ := p.send("POST", "/vitrine/upload", "abcdef", "Vitrine-Upload", token); resp.StatusCode != 503 {
		t.Errorf("more than all uploads may have: %s", resp.Status)
	}
	if s.RoomForUploads() != 5 {
		t.Error("a file that was refused kept its room")
	}
	for _, file := range []string{"abcde", "fghij", "klmno"} { // each leaves its room to the next
		token = p.announce(page, 5)
		if resp, _ := p.send("POST", "/vitrine/upload", file, "Vitrine-Upload", token); resp.StatusCode != 204 {
			t.Errorf("as much as all uploads may have: %s", resp.Status)
		}
		p.shows(page, file[4:])
		p.until("an answer", func() bool { return page.AckEv == page.Ev })
		p.click(page, 0) // behind the file
		p.until("the click", func() bool { return page.AckEv == page.Ev })
	}
}

func TestFileThatWaitsKeepsItsRoom(t *testing.T) {
	sched, err := runtime.NewScheduler(nil)
	if err != nil {
		t.Fatal(err)
	}
	rt, err := runtime.New(&runtime.Options{HostFuncs: hostfuncs.Functions(), Scheduler: sched})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close(context.Background()) })
	busy := &sandbox.Policy{Limits: &runtime.Limits{WallTime: time.Hour, Fuel: 1 << 60}}
	p, s := open(t, func(o *host.Options) {
		o.Limits = host.Limits{UploadTotal: 8}
		at := o.Places["desk"]
		if at.Plugin, err = sandbox.Load(context.Background(), rt, os.DirFS("testdata/desk"), busy); err != nil {
			t.Fatal(err)
		}
		o.Places["desk"] = at
	})
	page := p.Pages[1]
	token := p.announce(page, 5)
	p.until("answers", func() bool { return page.AckEv == page.Ev })
	p.click(page, 2)
	waitFor(t, "the plugin is busy, until it is ended", func() bool { computing, _ := sched.Load(); return computing > 0 })
	if resp, _ := p.send("POST", "/vitrine/upload", "abcde", "Vitrine-Upload", token); resp.StatusCode != 204 {
		t.Fatalf("the first: %s", resp.Status)
	}
	if room := s.RoomForUploads(); room != 3 {
		t.Errorf("there is room for %d bytes while a file waits, want 3", room)
	}
	p.write((&abi.Unmount{Mount: 1}).Append(nil))
	waitFor(t, "the room is given back", func() bool { return s.RoomForUploads() == 8 })
}
