package form

import (
	"html/template"
	"io"
)

// Page is where a form stands.
type Page struct {
	Action string // where it is sent, by POST
	Prefix string // of the ids in it, so that several forms fit in one page
	Button string // its words; "" is "Save"
	Saved  bool   // says that what was sent last is kept
}

// Write writes the form. Its parts have the classes form, field, help, error and saved.
func (f *Form) Write(w io.Writer, p *Page) error {
	if p == nil {
		p = &Page{}
	}
	page := *p
	if page.Button == "" {
		page.Button = "Save"
	}
	return markup.Execute(w, struct {
		*Form
		Page
	}{f, page})
}

// Wrong reports whether something that was sent is wrong.
func (f *Form) Wrong() bool {
	for _, field := range f.Fields {
		if field.Error != "" {
			return true
		}
	}
	return false
}

// said is a field with its id, for what is said about it.
func said(id string, f *Field) any {
	return struct {
		ID    string
		Field *Field
	}{id, f}
}

// markup is a form whose labels, help and errors are joined to their fields for whoever does not see them.
var markup = template.Must(template.New("form").Funcs(template.FuncMap{"ids": said}).Parse(`<form class="form" method="post" action="{{.Action}}" accept-charset="utf-8">
{{- $prefix := .Prefix}}
{{- if .Wrong}}<p class="error" role="alert">Nothing is saved: see what is said at the fields.</p>{{end}}
{{- if .Saved}}<p class="saved" role="status">Saved.</p>{{end}}
{{- range .Fields}}{{$id := print $prefix .Name}}
<div class="field">
<label for="{{$id}}">{{.Title}}{{if .Required}} <span aria-hidden="true">*</span>{{end}}</label>
{{- if eq .Kind "select"}}
<select id="{{$id}}" name="{{.Name}}"{{template "marks" .}}{{template "says" ids $id .}}>
{{- if not .Required}}<option value="">Not set</option>{{end}}
{{- range .Options}}<option value="{{.Value}}"{{if .Chosen}} selected{{end}}>{{.Label}}</option>{{end -}}
</select>
{{- else if or (eq .Kind "textarea") (eq .Kind "lines") (eq .Kind "json")}}
<textarea id="{{$id}}" name="{{.Name}}" rows="4"{{with .Limit}} maxlength="{{.}}"{{end}}{{template "marks" .}}{{template "says" ids $id .}}>
{{.Value}}</textarea>
{{- else if eq .Kind "checkbox"}}
<input id="{{$id}}" name="{{.Name}}" type="checkbox" value="on"{{if .Value}} checked{{end}}{{template "says" ids $id .}}>
{{- else if eq .Kind "password"}}
<input id="{{$id}}" name="{{.Name}}" type="password" autocomplete="off"{{if .Kept}} placeholder="Kept as it is"{{else if .Required}} required{{end}}{{template "says" ids $id .}}>
{{- else}}
<input id="{{$id}}" name="{{.Name}}" type="{{.Kind}}" value="{{.Value}}" autocomplete="off"
{{- with .Min}} min="{{.}}"{{end}}{{with .Max}} max="{{.}}"{{end}}{{with .Step}} step="{{.}}"{{end}}
{{- with .MinLength}} minlength="{{.}}"{{end}}{{with .Limit}} maxlength="{{.}}"{{end}}{{template "marks" .}}{{template "says" ids $id .}}>
{{- end}}
{{- with .Help}}<p class="help" id="{{$id}}-help">{{.}}</p>{{end}}
{{- with .Error}}<p class="error" id="{{$id}}-error">{{.}}</p>{{end}}
</div>
{{- end}}
<button>{{.Button}}</button>
</form>
{{- define "marks"}}{{if .Required}} required{{end}}{{end}}
{{- define "says"}}{{if .Field.Error}} aria-invalid="true"{{end}}{{if or .Field.Help .Field.Error}} aria-describedby="
{{- if .Field.Help}}{{.ID}}-help{{end}}{{if and .Field.Help .Field.Error}} {{end}}{{if .Field.Error}}{{.ID}}-error{{end}}"{{end}}{{end}}
`))
