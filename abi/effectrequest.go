package abi

import "unicode/utf8"

// EffectRequest is what a guest asks vitrine:ui.effect for: something that the page does once. It is granted only
// soon after something that the person did.
//
//	kind · fields: key (focus, scroll) | text (announce, copy) | tone · text (toast) | address (open) |
//	name · the bytes of the file (download)
//
// A key, a text, an address and a name are a length and that many bytes of UTF-8.
type EffectRequest struct {
	Kind EffectKind
	Tone uint8
	Key  string // of the node, the first in the tree that has it
	Text string // what is said or copied, the address, or the file's name
	Data []byte // of a download; aliases the bytes when parsed
}

// Append appends the request.
func (e *EffectRequest) Append(b []byte) []byte {
	b = appendNumbers(b, uint64(e.Kind))
	switch e.Kind {
	case EffectFocus, EffectScroll:
		return appendText(b, e.Key)
	case EffectToast:
		b = appendNumbers(b, uint64(e.Tone))
	case EffectDownload:
		return append(appendText(b, e.Text), e.Data...)
	}
	return appendText(b, e.Text)
}

// Parse is the reverse of Append. An error matches ErrMalformed, and e is empty then. An address must be one that
// a person may be led to (ValidLink), a name one of a file without a path.
func (e *EffectRequest) Parse(b []byte) error {
	r := reader{buf: b}
	q := EffectRequest{Kind: EffectKind(r.number("effect", 255))}
	switch q.Kind {
	case EffectFocus, EffectScroll:
		q.Key = string(r.text("key", maxKey))
	case EffectAnnounce:
		q.Text = string(r.text("text", MaxEffectText))
	case EffectToast:
		q.Tone = uint8(r.number("tone", EffectTones-1))
		q.Text = string(r.text("text", MaxEffectText))
	case EffectOpen:
		if q.Text = string(r.text("address", MaxEffectLink)); r.err == nil && !ValidLink(q.Text) {
			r.fail("%.40q is no address that a person may be led to", q.Text)
		}
	case EffectCopy:
		q.Text = string(r.text("text", MaxEffectCopy))
	case EffectDownload:
		if q.Text = string(r.text("name", MaxEffectText)); r.err == nil && !validFileName(q.Text) {
			r.fail("%.40q is no name of a file", q.Text)
		}
		q.Data = r.rest()
	default:
		r.fail("there is no effect %d", q.Kind)
	}
	return store(e, q, &r)
}

// validFileName tells whether a person may be offered a file by that name: no path, nothing that does not
// print, no dot at either end.
func validFileName(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for _, c := range s {
		switch {
		case c < ' ', c == 0x7f, c == utf8.RuneError, c >= 0x80 && c < 0xa0, c >= 0x2028 && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0x200e, c == 0x200f:
			return false
		}
		switch c {
		case '/', '\\', ':', '*', '?', '"', '<', '>', '|':
			return false
		}
	}
	return true
}
