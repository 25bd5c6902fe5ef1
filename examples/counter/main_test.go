package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

func TestCounter(t *testing.T) {
	page := vitrinetest.Mount(t, counter, nil)
	page.Find("button", "Clicks: 0").Fire("click")
	page.Find("button", "Clicks: 1")
}

// A plugin of one button is to stay a plugin of a few lines.
func TestUnder25Lines(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte("\n")); n >= 25 {
		t.Errorf("main.go has %d lines", n)
	}
}
