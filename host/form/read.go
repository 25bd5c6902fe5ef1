package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

// ErrForm is matched by the error of Read when something that was sent is not what the schema asks for. The
// fields say what.
var ErrForm = errors.New("form: not what the schema asks for")

// Read makes values of what a browser has sent; they are right by the schema. A field that is left empty, and
// that the schema does not ask for, is left out; a secret that is left empty keeps its value. Names
// that the form does not have are ignored. After an error the form shows what was sent, but for secrets.
func (f *Form) Read(sent url.Values) (map[string]any, error) {
	values := map[string]any{}
	for _, name := range f.Left {
		if v, ok := f.values[name]; ok {
			values[name] = v
		}
	}
	wrong := false
	for _, field := range f.Fields {
		v, err := field.read(sent.Get(field.Name), f.values[field.Name])
		switch {
		case err != nil:
			field.Error, wrong = err.Error(), true
		case v != nil:
			values[field.Name] = v
		case field.Required:
			field.Error, wrong = "This is needed.", true
		}
	}
	if wrong {
		return nil, ErrForm
	}
	return values, f.check(values)
}

// check holds the whole against the schema, and puts what is wrong beside its field.
func (f *Form) check(values map[string]any) error {
	b, err := cbor.Marshal(values)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	err = f.schema.Check(b)
	var e *abi.SchemaError
	if !errors.As(err, &e) {
		return err
	}
	for _, field := range f.Fields {
		if e.Path == field.Name || strings.HasPrefix(e.Path, field.Name+".") || strings.HasPrefix(e.Path, field.Name+"[") {
			field.Error = "This is " + e.Message + "."
			if rest := strings.TrimPrefix(e.Path, field.Name); rest != "" {
				field.Error = strings.TrimPrefix(rest, ".") + " is " + e.Message + "."
			}
		}
	}
	return fmt.Errorf("%w: %w", ErrForm, err)
}

var (
	errChoice = errors.New("This is not one of the choices.")
	errNumber = errors.New("This is not a number.")
	errJSON   = errors.New("This is not JSON.")
)

// read makes a value of what was sent for the field; nil is none.
func (f *Field) read(sent string, was any) (any, error) {
	sent = strings.ReplaceAll(sent, "\r\n", "\n") // browsers send lines so
	if f.Kind == "password" {
		if sent == "" {
			return was, nil
		}
		return sent, nil
	}
	f.resent(sent)
	if sent == "" && f.Kind != "checkbox" {
		return nil, nil
	}
	switch f.Kind {
	case "checkbox":
		return sent == "on", nil
	case "select":
		for i, o := range f.Options {
			if o.Value == sent {
				return plain(f.spec.choices()[i])
			}
		}
		return nil, errChoice
	case "number":
		v, err := plain(json.Number(strings.TrimSpace(sent)))
		if err != nil {
			return nil, errNumber
		}
		return v, nil
	case "lines":
		var list []any
		for line := range strings.Lines(sent) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		return list, nil
	case "json":
		return readJSON(sent)
	}
	return sent, nil
}

// resent shows what was sent.
func (f *Field) resent(sent string) {
	f.Value = sent
	for i := range f.Options {
		f.Options[i].Chosen = f.Options[i].Value == sent
	}
}

func readJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errJSON
	}
	return plain(v)
}

// plain makes a value of package cbor of one of encoding/json, whose numbers are texts.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = plain(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := maps.Clone(v)
		for k := range v {
			var err error
			if out[k], err = plain(v[k]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}
