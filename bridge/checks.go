package bridge

import (
	"bytes"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/abi"
)

// Numbers of properties and events that the checks look at; a test holds them to the catalog.
const (
	textfieldMaxlength = 6
	numberfieldMin     = 2
	numberfieldMax     = 3
	optionValue        = 1
	optionDisabled     = 2
	datefieldType      = 2
	datefieldMin       = 3
	datefieldMax       = 4
	sliderMin          = 2
	sliderMax          = 3
	canvasWidth        = 2
	canvasHeight       = 3
	canvasSurface      = 4
	canvasKey          = 5
	canvasResize       = 6
	filefieldAccept    = 1
	filefieldMaxbytes  = 2
)

// Bounds of what a canvas tells.
const (
	maxWheelSteps = 1000
	maxResize     = 1 << 14 // device pixels
)

// checkCanvas checks coordinates: both edges of the canvas are in range, so that a drag that leaves
// it can be clamped.
func checkCanvas(t *abi.Tree, i int, event uint8, fields []abi.PayloadField) error {
	switch event {
	case canvasKey:
		return checkKey(fields[0].Data)
	case canvasResize:
		if !within(fields[0].Int(), 1, maxResize) || !within(fields[1].Int(), 1, maxResize) {
			return errRange
		}
		return nil
	}
	width, _ := t.Prop(i, canvasWidth)
	height, _ := t.Prop(i, canvasHeight)
	if !within(fields[0].Int(), 0, width.Int()) || !within(fields[1].Int(), 0, height.Int()) {
		return errRange
	}
	if len(fields) == 3 {
		if steps := fields[2].Float(); steps < -maxWheelSteps || steps > maxWheelSteps {
			return errRange
		}
	}
	return nil
}

func within(n, low, high int64) bool { return low <= n && n <= high }

func checkKey(key []byte) error {
	switch string(key) {
	case "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "Escape", "+", "-":
		return nil
	}
	return errKey
}

// checkFile checks what is announced of a file: name, media type, size.
func checkFile(t *abi.Tree, i int, fields []abi.PayloadField) error {
	size := fields[2].Int()
	if size < 0 {
		return errRange
	}
	if p, ok := t.Prop(i, filefieldMaxbytes); ok && size > p.Int() {
		return errRange
	}
	if p, ok := t.Prop(i, filefieldAccept); ok && !accepts(t.Bytes(p), fields[0].Data, fields[1].Data) {
		return errMediaType
	}
	return nil
}

// accepts applies the accept attribute of HTML: extensions, media types, and media types such as
// image/*. An empty list accepts everything.
func accepts(list, name, mediaType []byte) bool {
	kind, _, err := mime.ParseMediaType(string(mediaType))
	if err != nil {
		kind = ""
	}
	any := true
	for item := range bytes.SplitSeq(list, []byte(",")) {
		want := strings.ToLower(strings.TrimSpace(string(item)))
		if want == "" {
			continue
		}
		any = false
		family, isFamily := strings.CutSuffix(want, "*")
		switch {
		case strings.HasPrefix(want, "."):
			if strings.HasSuffix(strings.ToLower(string(name)), want) {
				return true
			}
		case want == kind, isFamily && strings.HasSuffix(family, "/") && strings.HasPrefix(kind, family):
			return true
		}
	}
	return any
}

// dateShapes are what the types of a datefield take, as HTML writes it.
var dateShapes = [...][]string{{time.DateOnly}, {"15:04", time.TimeOnly}, {"2006-01-02T15:04", "2006-01-02T15:04:05"}, {"2006-01"}}

// checkDate checks a date or time: it is there and within its bounds, or it is empty. Values of one
// shape compare as text.
func checkDate(t *abi.Tree, i int, value []byte) error {
	if len(value) == 0 {
		return nil
	}
	shape := 0
	if p, ok := t.Prop(i, datefieldType); ok {
		shape = int(p.Bits)
	}
	if !slices.ContainsFunc(dateShapes[shape], func(s string) bool {
		_, err := time.Parse(s, string(value))
		return err == nil
	}) {
		return errDate
	}
	if p, ok := t.Prop(i, datefieldMin); ok && bytes.Compare(value, t.Bytes(p)) < 0 {
		return errRange
	}
	if p, ok := t.Prop(i, datefieldMax); ok && bytes.Compare(value, t.Bytes(p)) > 0 {
		return errRange
	}
	return nil
}
