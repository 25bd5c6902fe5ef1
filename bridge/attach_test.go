package bridge_test

import (
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// A plugin may render while its page is cut off, and while the page comes back: the session hears the
// RESUME before it is attached, so that no frame goes out which the page is not known to have had.
func TestResumeComesBeforeAttach(t *testing.T) {
	c := newCounter()
	page := bridgetest.NewPage(1)
	c.mount.Attach(func() {})
	if err := c.mount.Receive((&abi.Mount{Mount: 1, Visible: true, Ticket: "x"}).Append(nil)); err != nil {
		t.Fatal(err)
	}
	if err := page.Apply(c.mount.Next(nil)); err != nil {
		t.Fatal(err)
	}
	c.mount.Attach(nil)
	c.mu.Lock()
	c.clicks++
	c.show()
	c.mu.Unlock()
	resume := abi.Resume{Mounts: []abi.ResumePoint{page.Resume()}}
	if err := c.mount.Receive(resume.Append(nil)); err != nil {
		t.Fatal(err)
	}
	if b := c.mount.Next(nil); len(b) > 0 {
		t.Fatalf("before it is attached: %x", b)
	}
	c.mount.Attach(func() {})
	for range 2 { // RESUMED, PATCH
		if err := page.Apply(c.mount.Next(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got := page.Find("button")[0].Text("text"); got != "clicked 1" {
		t.Errorf("the page shows %q", got)
	}
}
