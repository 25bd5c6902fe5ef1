// Package form makes an HTML form of a schema in a manifest, such as a plugin's settings, and reads what an
// admin sends. It writes no script and no style, so that it works under any policy.
//
//	f, err := form.New(manifest.Settings, values)     // {"units": "metric"}
//	err = f.Write(w, &form.Page{Action: "/admin/weather"})
//	...
//	values, err = f.Read(r.PostForm)                  // err: f says beside each field what is wrong
//
// A property marked writeOnly is a secret: its value is never written into a page, and a field that comes
// back empty keeps it.
package form

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// Form is a form for values of one object. It is for one request, and not safe for concurrent use.
type Form struct {
	Fields []*Field
	// Left are the properties that a form cannot ask for, such as byte strings: they keep their values.
	Left []string

	schema *abi.Schema
	values map[string]any
}

// Field is one property.
type Field struct {
	Name     string
	Title    string // the schema's title, or the name
	Help     string // the schema's description and bounds
	Kind     string // a type of <input>, or "select", "textarea", "lines" or "json"
	Value    string // never that of a secret
	Required bool
	Kept     bool   // a secret that is set
	Error    string // what is wrong with what was sent

	Options          []Option // of a select
	Min, Max, Step   string   // of a number
	MinLength, Limit string   // of a text, in characters

	spec *spec
}

// Option is one value of an enum.
type Option struct {
	Value, Label string // Value is JSON
	Chosen       bool
}

// spec is what a form reads of a schema, which has been checked.
type spec struct {
	Type        any             `json:"type"` // a name or a list
	Enum        []any           `json:"enum"`
	Const       any             `json:"const"`
	Format      string          `json:"format"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Default     json.RawMessage `json:"default"`
	WriteOnly   bool            `json:"writeOnly"`

	Minimum, Maximum                   *json.Number
	ExclusiveMinimum, ExclusiveMaximum *json.Number
	MinLength, MaxLength               *json.Number

	Items      *spec           `json:"items"`
	Properties json.RawMessage `json:"properties"`
	Required   []string        `json:"required"`
}

// New makes the form of an object's schema with the values of now, which are as package cbor has them.
func New(schema *abi.Schema, values map[string]any) (*Form, error) {
	root := &spec{}
	if err := decode(schema.JSON(), root); err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	f := &Form{schema: schema, values: values}
	specs := map[string]*spec{}
	if len(root.Properties) > 0 {
		if err := decode(root.Properties, &specs); err != nil {
			return nil, fmt.Errorf("form: %w", err)
		}
	}
	for _, name := range keys(root.Properties) {
		field := newField(name, specs[name], slices.Contains(root.Required, name))
		if field == nil {
			f.Left = append(f.Left, name)
			continue
		}
		field.show(values[name])
		f.Fields = append(f.Fields, field)
	}
	return f, nil
}

func decode(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(to)
}

// keys are those of an object, in the order in which they stand.
func keys(object json.RawMessage) (names []string) {
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token() // the brace; the object has been read before
	for d.More() {
		name, err := d.Token()
		var skipped json.RawMessage
		if err != nil || d.Decode(&skipped) != nil {
			return names
		}
		names = append(names, name.(string))
	}
	return names
}

// newField is nil for what a form cannot ask for.
func newField(name string, s *spec, required bool) *Field {
	f := &Field{Name: name, Title: cmp.Or(s.Title, name), Help: s.Description, Required: required, spec: s}
	switch {
	case s.Format == "binary":
		return nil
	case s.choices() != nil:
		f.Kind = "select"
		for _, v := range s.choices() {
			f.Options = append(f.Options, Option{Value: text(v), Label: label(v)})
		}
	case s.WriteOnly && s.is("string"):
		f.Kind = "password"
	case s.is("string"):
		f.text()
	case s.is("integer"), s.is("number"):
		f.number()
	case s.is("boolean"):
		f.Kind, f.Required = "checkbox", false
	case s.is("array") && s.Items != nil && s.Items.is("string") && s.Items.Format != "binary" && s.Items.choices() == nil:
		f.Kind = "lines"
		f.Help = sentence(f.Help, "One on each line.")
	default:
		f.Kind = "json"
		f.Help = sentence(f.Help, "Written as JSON.")
	}
	return f
}

func (s *spec) choices() []any {
	if s.Const != nil {
		return []any{s.Const}
	}
	return s.Enum
}

// is tells whether s is of one type, with or without null.
func (s *spec) is(name string) bool {
	switch t := s.Type.(type) {
	case string:
		return t == name
	case []any:
		rest := slices.DeleteFunc(slices.Clone(t), func(v any) bool { return v == "null" })
		return len(rest) == 1 && rest[0] == name
	}
	return false
}

// longText is from how many characters on a text has several lines.
const longText = 200

func (f *Field) text() {
	f.Kind = "text"
	if kind := map[string]string{"email": "email", "uri": "url", "date": "date"}[f.spec.Format]; kind != "" {
		f.Kind = kind
	}
	if n := f.spec.MinLength; n != nil && *n != "0" {
		f.MinLength = n.String()
	}
	if n := f.spec.MaxLength; n != nil {
		f.Limit = n.String()
		if most, err := n.Int64(); err == nil && most > longText && f.Kind == "text" {
			f.Kind = "textarea"
		}
	}
	if f.spec.Format == "date-time" {
		f.Help = sentence(f.Help, "As in 2026-11-21T14:00:00Z.")
	}
}

func (f *Field) number() {
	f.Kind, f.Step = "number", "any"
	if f.spec.is("integer") {
		f.Step = "1"
	}
	low, over := bound(f.spec.Minimum, f.spec.ExclusiveMinimum, "At least ", "More than ")
	high, under := bound(f.spec.Maximum, f.spec.ExclusiveMaximum, "At most ", "Less than ")
	f.Min, f.Max = low, high
	switch {
	case low != "" && high != "" && f.spec.ExclusiveMinimum == nil && f.spec.ExclusiveMaximum == nil:
		f.Help = sentence(f.Help, "From "+low+" to "+high+".")
	default:
		f.Help = sentence(sentence(f.Help, over), under)
	}
}

// bound is one of the two that a number can have, as it stands and as a sentence; "" is none.
func bound(itself, beyond *json.Number, at, past string) (number, says string) {
	switch {
	case itself != nil:
		return itself.String(), at + itself.String() + "."
	case beyond != nil:
		return beyond.String(), past + beyond.String() + "."
	}
	return "", ""
}

func sentence(help, more string) string {
	if help == "" || more == "" {
		return help + more
	}
	return strings.TrimSuffix(help, ".") + ". " + more
}

// show puts a value into the field; nil is none, and shows the default.
func (f *Field) show(v any) {
	if f.Kind == "password" {
		f.Kept = v != nil
		return
	}
	if v == nil && len(f.spec.Default) > 0 {
		_ = decode(f.spec.Default, &v) // it has been checked
	}
	switch f.Kind {
	case "select":
		for i := range f.Options {
			f.Options[i].Chosen = v != nil && f.Options[i].Value == text(v)
		}
	case "checkbox":
		f.Value = map[bool]string{true: "on"}[v == true]
	case "lines":
		list, _ := v.([]any)
		lines := make([]string, len(list))
		for i, item := range list {
			lines[i], _ = item.(string)
		}
		f.Value = strings.Join(lines, "\n")
	case "json":
		if v != nil {
			b, _ := json.MarshalIndent(v, "", "  ") // values of CBOR that a schema allows have a form
			f.Value = string(b)
		}
	default:
		if v != nil {
			f.Value = label(v)
		}
	}
}

// text is a scalar as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// label is a scalar for people.
func label(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}
