package abi

import (
	"strings"
	"unicode"
)

// plainPermission is a permission without a scope.
type plainPermission struct {
	name       string
	capability Capability
	sentence   string // what a plugin that has it may do
}

// What is not about a server, a channel or data. A name is that of its capability, or begins with it.
var plain = []plainPermission{
	{"kv", CapKV, "keep data of its own here"},
	{"jobs", CapJobs, "go on working while nobody looks"},
	{"authz", CapAuthz, "ask what you may do here"},
	{"user:id", CapUser, "know who you are, by an identifier"},
	{"user:orgs", CapUser, "know which organisations you belong to"},
	{"ui:password", CapUI, "ask you for a password"},
	{"clock:fine", CapClock, "measure time finely"},
}

func findPlain(name string) (plainPermission, bool) {
	for _, p := range plain {
		if p.name == name {
			return p, true
		}
	}
	return plainPermission{}, false
}

// PlainPermissions returns every permission that has a name and no scope, in a fixed order.
func PlainPermissions() []Permission {
	out := make([]Permission, len(plain))
	for i, p := range plain {
		out[i] = Permission{Capability: p.capability, Name: p.name}
	}
	return out
}

// Sentence says for a person what a plugin that has c may do, as the rest of "This plugin may ...".
func (c Capability) Sentence() string {
	switch c {
	case CapProps:
		return "read what this page passes to it"
	case CapUI:
		return "show something in this page"
	case CapLog:
		return "write to the log of this site"
	case CapClock:
		return "see the time while it works"
	case CapRandom:
		return "draw random numbers"
	case CapHTTP:
		return "ask servers on the internet"
	case CapAPI:
		return "call this application"
	case CapSSE:
		return "hear about events in this application"
	case CapData:
		return "work with data of this application"
	case CapTelemetry:
		return "report counts and timings to those who run this site"
	case CapAssets:
		return "read its own files"
	}
	for _, p := range plain {
		if p.capability == c {
			return p.sentence
		}
	}
	return "do something that this version does not know"
}

// Sentence says for a person what p allows, as the rest of "This plugin may ...". What an author
// chose (names, paths) is in it, bounded, and made of characters that can be seen. The Reason is not:
// it is to be shown as the author's own words.
func (p *Permission) Sentence() string {
	switch p.Capability {
	case CapAPI:
		return verb(p.Method) + " " + p.Path + " in this application"
	case CapSSE:
		if p.Key != "" {
			return "hear about " + p.Channel + " of one " + words(p.Model)
		}
		return "hear about " + p.Channel + " in this application"
	case CapHTTP:
		return p.requestSentence()
	case CapData:
		return p.dataSentence()
	}
	if known, ok := findPlain(p.Name); ok {
		return known.sentence
	}
	return Capability("").Sentence()
}

func verb(method string) string {
	switch method {
	case "GET":
		return "read"
	case "HEAD":
		return "see whether there is"
	case "POST":
		return "send to"
	case "DELETE":
		return "delete"
	}
	return "change"
}

func (p *Permission) requestSentence() string {
	s := "ask " + p.Host
	if last := len(p.Methods) - 1; last > 0 || p.Methods[0] != "GET" {
		s = "exchange data with " + p.Host
	}
	s += " on the internet (" + strings.Join(p.Methods, ", ") + ")"
	if p.Plain {
		s += ", without encryption"
	}
	if len(p.Secrets) > 0 {
		s += ", with the secret " + strings.Join(p.Secrets, ", ")
	}
	return s
}

// dataSentence says one ability at a time: who may change hears nothing of the record without the permission to read it.
func (p *Permission) dataSentence() string {
	model, which := words(p.Model), "one "
	if p.Any {
		which = "every "
	}
	switch p.Ability {
	case abilityCreate:
		return "create records of " + model
	case "view":
		return "read " + which + model
	case "update":
		return "change " + which + model
	case "delete":
		return "delete " + which + model
	}
	return words(p.Ability) + " " + which + model
}

// words takes a name such as OrderLine apart: "order line".
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
