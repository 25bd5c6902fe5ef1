package vitrine

import "github.com/vitrine-run/vitrine/abi"

// What follows has the page do something once, after what the plugin renders next is shown. Each must follow
// from something that the person did: more than 5 seconds after the last event the error is Denied, and more
// than eight in answer to one event, or more than one of Open, Copy and Download each, Limit.

// Focus gives the focus to the first element that has the key.
func (c *Context) Focus(key string) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectFocus, Key: key})
}

// ScrollTo brings the first element that has the key into view.
func (c *Context) ScrollTo(key string) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectScroll, Key: key})
}

// Announce has assistive technology say something, at most 300 bytes.
func (c *Context) Announce(text string) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectAnnounce, Text: text})
}

// Toast shows a line, at most 300 bytes, that goes away by itself. Of the tones it knows default, good, warning and
// danger.
func (c *Context) Toast(tone Tone, text string) error {
	e := abi.EffectRequest{Kind: abi.EffectToast, Text: text}
	switch tone {
	case ToneGood:
		e.Tone = 1
	case ToneWarning:
		e.Tone = 2
	case ToneDanger:
		e.Tone = 3
	}
	return c.effect(e)
}

// Open opens an address in a window of its own: scheme https, http, mailto or tel, or a path of the host.
func (c *Context) Open(address string) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectOpen, Text: address})
}

// Copy puts text on the clipboard, at most 64 KiB.
func (c *Context) Copy(text string) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectCopy, Text: text})
}

// Download offers a file to be saved.
func (c *Context) Download(name string, data []byte) error {
	return c.effect(abi.EffectRequest{Kind: abi.EffectDownload, Text: name, Data: data})
}

func (c *Context) effect(e abi.EffectRequest) error {
	return codeError(c.host.effect(e.Append(nil)))
}
