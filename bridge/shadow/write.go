package shadow

import "strings"

// The only two ways in which a text reaches the page.
var (
	textEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\ufffd", "\r", "&#13;")
	attrEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\x00", "\ufffd", "\r", "&#13;", "\n", "&#10;")
)

// append appends the element as HTML.
func (e *element) append(b []byte) []byte {
	b = append(append(b, '<'), e.tag...)
	for _, a := range e.attrs {
		b = append(append(b, ' '), a.name...)
		b = append(append(append(b, `="`...), attrEscapes.Replace(a.value)...), '"')
	}
	b = append(b, '>')
	if e.tag == "input" || e.tag == "img" || e.tag == "link" { // they end here
		return b
	}
	if (e.tag == "textarea" || e.tag == "pre") && strings.HasPrefix(e.text, "\n") {
		b = append(b, '\n') // a parser drops the first
	}
	b = append(b, textEscapes.Replace(e.text)...)
	for _, k := range e.kids {
		b = k.append(b)
	}
	return append(append(append(b, "</"...), e.tag...), '>')
}
