package abi

//go:generate go run ../internal/cataloggen

// Kind is the type of a property or of an event's field. It decides how a value is written (Wire)
// and what is checked.
type Kind uint8

// The kinds.
const (
	KindText    Kind = iota // UTF-8, at most TreeLimits.Text bytes
	KindBool                // 0 or 1
	KindInt                 // between Min and Max
	KindNumber              // finite
	KindEnum                // index into Values
	KindAsset               // name of a file in the package
	KindDrawing             // display list, see CheckDrawing
	KindLink                // address that a person may follow, see ValidLink
)

// Wire is how a value is written in a tree and in a frame.
type Wire uint8

// The wire forms.
const (
	WireVarint Wire = 0 // unsigned LEB128; zigzag for KindInt
	WireBytes  Wire = 1 // length, then bytes
	WireFloat  Wire = 2 // IEEE 754 binary64, little-endian
)

// Wire is the form in which a value of kind k is written.
func (k Kind) Wire() Wire {
	switch k {
	case KindText, KindAsset, KindDrawing, KindLink:
		return WireBytes
	case KindNumber:
		return WireFloat
	}
	return WireVarint
}

// Component is what a plugin may render. Its index in Components is its number everywhere.
type Component struct {
	Name     string
	Doc      string
	Props    []Property
	Events   []EventType
	Children []uint16 // components it may hold, ascending; nil for none
	AnyChild bool     // whether it may hold every component that asks for no particular parent
	Parents  []uint16 // components it may stand in, ascending; nil for any with AnyChild
	Edits    bool     // whether property 0 is what the person edits; events with one field tell it
}

// Property is a property of a component. Its index in Component.Props is its number. A value that
// a component shows or edits has number 0.
type Property struct {
	Name     string
	Doc      string
	Kind     Kind
	Required bool
	Values   []string // of KindEnum; the first is what holds when the property is left out
	Min, Max int64    // of KindInt
}

// EventType is an event that a component can send. Its index in Component.Events is its number.
type EventType struct {
	Name   string
	Doc    string
	Fields []Field
	Latest bool // of several on their way, only the newest need arrive
	Upload bool // the bytes of a file follow over HTTP before the guest sees it
}

// Field is one value in an event's payload.
type Field struct {
	Name string
	Kind Kind
}

// FindComponent returns the component with the given name and its number.
func FindComponent(name string) (uint16, *Component, bool) {
	for i := range components {
		if components[i].Name == name {
			return uint16(i), &components[i], true
		}
	}
	return 0, nil, false
}

// ComponentAt returns the component with the given number, nil if there is none. It must not be
// changed.
func ComponentAt(number uint16) *Component {
	if int(number) >= len(components) {
		return nil
	}
	return &components[number]
}

// Components is how many components there are.
func Components() int { return len(components) }

// Disabled returns the number of the component's property that switches it off, or -1.
func (c *Component) Disabled() int {
	for i := range c.Props {
		if c.Props[i].Name == "disabled" {
			return i
		}
	}
	return -1
}

// CatalogHash says which catalog this is. Shell and server compare it when they meet.
func CatalogHash() [8]byte { return catalogHash }
