package main

import (
	"slices"
	"strings"
	"text/template"
)

// sdkHelpers are what sdk.tmpl needs to turn the catalog's names and kinds into Go.
func sdkHelpers() template.FuncMap {
	return template.FuncMap{
		"article":      article,
		"childElement": childElement,
		"childType":    childType,
		"convert":      convert,
		"ctorParams":   ctorParams,
		"goName":       goName,
		"goType":       goType,
		"handlerType":  handlerType,
		"param":        param,
		"store":        store,
		"sugar":        sugar,
		"tokenName":    tokenName,
	}
}

// words are the names whose parts Go capitalises.
var words = map[string]string{
	"code": "CodeBlock", "combobox": "ComboBox", "datefield": "DateField", "dragend": "DragEnd", "dragstart": "DragStart", "filefield": "FileField", "hidecaption": "HideCaption",
	"maxbytes": "MaxBytes", "maxlength": "MaxLength", "menuitem": "MenuItem", "minlength": "MinLength", "numberfield": "NumberField", "radiogroup": "RadioGroup", "textfield": "TextField",
	"url": "URL",
}

func goName(name string) string {
	if n, ok := words[name]; ok {
		return n
	}
	return export(name)
}

// tokenName writes the short sizes in capitals: SpaceXL, ToneMuted.
func tokenName(value string) string {
	if len(value) <= 2 {
		return strings.ToUpper(value)
	}
	return export(value)
}

func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// param keeps parameters from being keywords.
func param(name string) string {
	if name == "type" {
		return "kind"
	}
	return name
}

// ctorParams are the required properties, the label first where there is one.
func ctorParams(c *component) []*property {
	var out []*property
	for _, p := range c.Props {
		switch {
		case p.Required && p.Name == "label":
			out = slices.Insert(out, 0, p)
		case p.Required:
			out = append(out, p)
		}
	}
	return out
}

// childType is the type of a component's children, empty if it has none.
func childType(c *component) string {
	switch {
	case c.AnyChild || len(c.Children) > 1:
		return "Node"
	case len(c.Children) == 1:
		return goName(c.Children[0]) + "Node"
	}
	return ""
}

// childElement is the element of a child in the variable name.
func childElement(c *component, name string) string {
	if childType(c) == "Node" {
		return "elementOf(" + name + ")"
	}
	return name + ".e"
}

func goType(c *component, p *property) string {
	switch {
	case p.Token != "":
		return export(p.Token)
	case p.Kind == "enum":
		return goName(c.Name) + goName(p.Name)
	}
	return map[string]string{
		"text": "string", "bool": "bool", "int": "int", "number": "float64", "asset": "string", "link": "string", "drawing": "*Drawing",
	}[p.Kind]
}

// store is the method of element that sets a property of p's kind.
func store(p *property) string {
	if p.Kind == "asset" || p.Kind == "link" {
		return "setText"
	}
	return "set" + export(p.Kind)
}

func convert(p *property, name string) string {
	if p.Kind == "enum" {
		return "uint8(" + name + ")"
	}
	return name
}

// sugar is the values of an enum that get a method of their own, such as Primary.
func sugar(p *property) []string {
	if p.Token == "" && slices.Contains([]string{"direction", "variant", "surface", "density"}, p.Name) {
		return p.Values
	}
	return nil
}

func handlerType(e *event) string {
	if e.Upload {
		return "func(file File)"
	}
	var params []string
	for _, f := range e.Payload {
		params = append(params, f.Name+" "+map[string]string{"text": "string", "bool": "bool", "int": "int", "number": "float64"}[f.Kind])
	}
	return "func(" + strings.Join(params, ", ") + ")"
}
