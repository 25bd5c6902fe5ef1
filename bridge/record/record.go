// Package record reads what went over a page's socket, and plays it again without a browser. Frames are the log:
// a record is JSON lines, a head and then a frame a line, as the developer tools of the page write them.
//
//	{"vitrine":"record","version":1,"catalog":"2ff248b940f4b4ce","plugins":{"1":"Orders"}}
//	{"ms":3,"from":"server","frame":"0301010100…"}
//	{"ms":40,"from":"page","frame":"430101020001"}
//
// A record holds what a person saw and typed; secrets of the connection are of no use in it once it is over.
package record

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bridge/bridgetest"
)

// Version is that of the form of records.
const Version = 1

// maxLine is the longest line: a frame in hexadecimal digits and what is around it.
const maxLine = 2*abi.MaxFrame + 200

// Bounds of what is kept of a record, over all its mounts: more than any page shows, and little to hold.
const (
	maxShown   = 64 << 20 // bytes of trees
	maxPixels  = 1 << 24
	maxPending = 1 << 12 // events that are not answered, of one mount
)

// The errors of Play, besides those of the reader.
var (
	ErrNotRecord = errors.New("record: not a record of this version")
	ErrCatalog   = errors.New("record: made with another catalog")
	ErrRefused   = errors.New("record: a page would have refused this")
	ErrTooMuch   = errors.New("record: it shows more than is replayed")
)

type head struct {
	Vitrine string `json:"vitrine"`
	Version int    `json:"version"`
	Catalog string `json:"catalog"`

	Plugins map[uint32]string `json:"plugins"` // what is called how, by mount: for those who look at it
}

// line is a frame of a record.
type line struct {
	Ms    float64 `json:"ms"`
	From  string  `json:"from"`
	Frame string  `json:"frame"`
}

// Step is a frame that was played.
type Step struct {
	Ms      float64
	Page    bool           // from the page, else from the server
	Bytes   int            // of the frame
	Message map[string]any // as Mirror says it
}

// Pages are what the mounts of a record show, by number.
type Pages map[uint32]*bridgetest.Page

// Play plays a record: each frame is taken apart and applied as a strict page does (bridgetest.Page), and then each is
// called. It returns what is shown in the end, and stops at the first frame that does not fit, with an error that says
// in which line: ErrRefused, ErrTooMuch for one that takes more memory than a page may, or ErrNotRecord and ErrCatalog for what is
// no record that can be played. What it holds does not grow with the length of the record.
func Play(r io.Reader, each func(Step)) (Pages, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 4096), maxLine)
	p := player{pages: Pages{}}
	for n := 1; in.Scan(); n++ {
		if err := p.line(in.Bytes(), n == 1, each); err != nil {
			return p.pages, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return p.pages, fmt.Errorf("%w: a line is longer than a frame can be", ErrNotRecord)
	case err != nil:
		return p.pages, err
	}
	if !p.begun {
		return nil, ErrNotRecord
	}
	return p.pages, nil
}

type player struct {
	begun  bool
	pages  Pages
	shown  int // bytes of their trees
	mirror Mirror
}

func (p *player) line(b []byte, first bool, each func(Step)) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if first {
		var h head
		if err := d.Decode(&h); err != nil || h.Vitrine != "record" || h.Version != Version {
			return ErrNotRecord
		}
		hash := abi.CatalogHash()
		if h.Catalog != hex.EncodeToString(hash[:]) {
			return ErrCatalog
		}
		p.begun = true
		return nil
	}
	var l line
	if err := d.Decode(&l); err != nil || l.From != "server" && l.From != "page" {
		return ErrNotRecord
	}
	frame, err := hex.DecodeString(l.Frame)
	if err != nil {
		return ErrNotRecord
	}
	message, err := p.mirror.Frame(frame)
	if err == nil {
		err = p.apply(frame, l.From == "page")
	}
	switch {
	case errors.Is(err, ErrTooMuch):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	each(Step{l.Ms, l.From == "page", len(frame), message})
	return nil
}

// page is that of a mount.
func (p *player) page(number uint32) (*bridgetest.Page, error) {
	page := p.pages[number]
	if page == nil {
		if len(p.pages) == abi.MaxMounts {
			return nil, fmt.Errorf("more than %d mounts", abi.MaxMounts)
		}
		page = bridgetest.NewPage(number)
		p.pages[number] = page
	}
	return page, nil
}

// apply has the page that a frame is for take it.
func (p *player) apply(frame []byte, fromPage bool) error {
	number, ok := abi.MountOf(frame)
	if !ok {
		return nil
	}
	page, err := p.page(number)
	if err != nil {
		return err
	}
	if fromPage {
		return fromPerson(page, frame)
	}
	if err := p.room(page, frame); err != nil {
		return err
	}
	before := page.Size()
	err = page.Apply(frame)
	if p.shown += page.Size() - before; err == nil && p.shown > maxShown {
		err = fmt.Errorf("%w: trees of %d MiB", ErrTooMuch, p.shown>>20)
	}
	page.Effects, page.Refused, page.Uploads = nil, nil, nil // nobody asks for them
	page.Calls = page.Calls[max(0, len(page.Calls)-1):]
	return err
}

// room tells whether there is room for the surface that a frame paints on.
func (p *player) room(page *bridgetest.Page, frame []byte) error {
	if abi.TypeOf(frame) != abi.FramePixels {
		return nil
	}
	var f abi.Pixels
	if err := f.Parse(frame); err != nil {
		return err
	}
	pixels := f.Paint.SurfaceWidth * f.Paint.SurfaceHeight
	for _, shown := range p.pages {
		for node, c := range shown.Canvas {
			if shown != page || node != f.Node {
				pixels += c.Width * c.Height
			}
		}
	}
	if pixels > maxPixels {
		return fmt.Errorf("%w: surfaces of %d pixels", ErrTooMuch, pixels)
	}
	return nil
}

// fromPerson has a page do what it says it did.
func fromPerson(page *bridgetest.Page, frame []byte) error {
	switch abi.TypeOf(frame) {
	case abi.FrameEvent:
		var f abi.Event
		if err := f.Parse(frame); err != nil {
			return err
		}
		if f.Ev <= page.Ev { // sent again
			return nil
		}
		if len(page.Pending) == maxPending {
			return fmt.Errorf("%w: %d events without an answer", ErrTooMuch, maxPending)
		}
		if sent := page.Event(f.Node, f.Event, f.Payload); page.Ev != f.Ev {
			return fmt.Errorf("the page sent event %d after %d (%x)", f.Ev, page.Ev-1, sent)
		}
	case abi.FrameNak:
		page.Nak()
	}
	return nil
}
