package abi_test

import (
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// MANIFEST.md says what the code says.
func TestManifestIsDocumented(t *testing.T) {
	b, err := os.ReadFile("MANIFEST.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for _, p := range append(abi.PlainPermissions(), permission(t, "GET /orders/{id}"), permission(t, "sse:orders.changed"),
		permission(t, "GET https://api.example.com"), permission(t, "Order:viewAny"), permission(t, "Attendee:view")) {
		if row := "| `" + p.String() + "` | " + p.Sentence() + " |"; !strings.Contains(doc, row) {
			t.Errorf("it lacks %s", row)
		}
	}
	for _, c := range abi.Capabilities() {
		_, list, _ := strings.Cut(doc, "These capabilities reach nothing without one:")
		list, _, _ = strings.Cut(list, "\n\n")
		if strings.Contains(list, "`"+string(c)+"`") != c.NeedsPermission() {
			t.Errorf("it says something else about whether %s needs a permission", c)
		}
	}
}
