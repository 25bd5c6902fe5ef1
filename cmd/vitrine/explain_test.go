package main

import (
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

// One question is about one call: an answer for the first of several methods would pass for one about all.
func TestExplainIsAboutOneCall(t *testing.T) {
	for text, want := range map[string]abi.Need{
		"http":                       {Capability: abi.CapHTTP},
		"POST https://a.example":     {Capability: abi.CapHTTP, Method: "POST", Host: "a.example", Port: 443},
		"GET /orders/%2e%2e":         {Capability: abi.CapAPI, Method: "GET", Path: "/orders/%2e%2e"},
		"Attendee:view id=123":       {Capability: abi.CapData, Model: "Attendee", Ability: "view", Key: "id", Instance: "123"},
		"sse:news":                   {Capability: abi.CapSSE, Channel: "news"},
		"user:orgs":                  {Capability: abi.CapUser, Name: "user:orgs"},
		"GET,POST https://a.example": {},
	} {
		got, err := parseNeed(text)
		switch {
		case want.Capability == "":
			if err == nil || !strings.Contains(err.Error(), "one method at a time") {
				t.Errorf("%s: %+v, %v", text, got, err)
			}
		case err != nil || *got != want:
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}
