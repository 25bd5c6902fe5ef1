package form_test

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/host/form"
)

const settings = `{
  "type": "object", "additionalProperties": false, "required": ["units", "city"],
  "properties": {
    "units": {"title": "Units", "enum": ["metric", "imperial"]},
    "level": {"enum": [1, 2, null]},
    "city": {"type": "string", "minLength": 2, "maxLength": 40, "description": "Where it looks first"},
    "note": {"type": "string", "maxLength": 500},
    "mail": {"type": ["string", "null"], "format": "email"},
    "days": {"type": "integer", "minimum": 1, "maximum": 14, "default": 7},
    "ratio": {"type": "number", "exclusiveMinimum": 0},
    "loud": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
    "rules": {"type": "object", "properties": {"deep": {"type": "integer"}}, "additionalProperties": false},
    "blob": {"format": "binary"},
    "apiKey": {"type": "string", "writeOnly": true, "minLength": 4}
  }
}`

func newForm(t testing.TB, values map[string]any) *form.Form {
	t.Helper()
	s, err := abi.ParseSchema([]byte(settings))
	if err != nil {
		t.Fatal(err)
	}
	f, err := form.New(s, values)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func Example() {
	s, err := abi.ParseSchema([]byte(`{"type": "object", "additionalProperties": false, "required": ["days"],
	  "properties": {"days": {"title": "Days", "type": "integer", "minimum": 1, "maximum": 14}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := form.New(s, map[string]any{"days": int64(3)})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := f.Read(url.Values{"days": {"7"}})
	fmt.Println(values, err)
	_, err = f.Read(url.Values{"days": {"70"}})
	fmt.Println(errors.Is(err, form.ErrForm), f.Fields[0].Error)
	err = f.Write(os.Stdout, &form.Page{Action: "/settings"})
	fmt.Println(err)
	// Output:
	// map[days:7] <nil>
	// true This is more than it may be.
	// <form class="form" method="post" action="/settings" accept-charset="utf-8"><p class="error" role="alert">Nothing is saved: see what is said at the fields.</p>
	// <div class="field">
	// <label for="days">Days <span aria-hidden="true">*</span></label>
	// <input id="days" name="days" type="number" value="70" autocomplete="off" min="1" max="14" step="1" required aria-invalid="true" aria-describedby="days-help days-error"><p class="help" id="days-help">From 1 to 14.</p><p class="error" id="days-error">This is more than it may be.</p>
	// </div>
	// <button>Save</button>
	// </form>
	// <nil>
}

func right() url.Values {
	return url.Values{
		"units": {`"metric"`}, "level": {"2"}, "city": {"Graz"}, "note": {"a\r\nb"}, "mail": {""}, "days": {"14"}, "ratio": {"0.5"}, "loud": {"on"},
		"tags": {"a\r\n\r\n b \r\n"}, "rules": {`{"deep": 3}`}, "apiKey": {""}, "unknown": {"ignored"},
	}
}

func TestReadsWhatTheSchemaAllows(t *testing.T) {
	now := map[string]any{"apiKey": "secret", "blob": []byte{1, 2}, "note": "goes"}
	got, err := newForm(t, now).Read(right())
	want := map[string]any{"units": "metric", "level": int64(2), "city": "Graz", "note": "a\nb", "days": int64(14), "ratio": 0.5, "loud": true,
		"tags": []any{"a", "b"}, "rules": map[string]any{"deep": int64(3)}, "apiKey": "secret", "blob": []byte{1, 2}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v, %v\nwant %v", got, err, want)
	}
	// What a form shows comes back as it is.
	f := newForm(t, want)
	sent := url.Values{}
	for _, field := range f.Fields {
		sent.Set(field.Name, field.Value)
		for _, o := range field.Options {
			if o.Chosen {
				sent.Set(field.Name, o.Value)
			}
		}
	}
	if again, err := f.Read(sent); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("came back as %v, %v", again, err)
	}
}

func TestSaysWhatIsWrongAtItsField(t *testing.T) {
	for name, c := range map[string]struct{ value, says string }{
		"units":  {`"kelvin"`, "not one of the choices"},
		"level":  {"3", "not one of the choices"},
		"city":   {"", "needed"},
		"mail":   {"nobody", "not of the form"},
		"days":   {"15", "more than it may be"},
		"ratio":  {"many", "not a number"},
		"tags":   {"a\nabcdefg", "[1] is 7 characters"},
		"rules":  {`{"deep": 1} {}`, "not JSON"},
		"apiKey": {"abc", "3 characters"},
	} {
		f, sent := newForm(t, nil), maps.Clone(right())
		sent.Set("apiKey", "long enough")
		sent.Set(name, c.value)
		got, err := f.Read(sent)
		if got != nil && err == nil || !errors.Is(err, form.ErrForm) || !f.Wrong() {
			t.Errorf("%s = %q: got %v, %v", name, c.value, got, err)
		}
		for _, field := range f.Fields {
			if (field.Name == name) != strings.Contains(field.Error, c.says) || field.Name != name && field.Error != "" {
				t.Errorf("%s = %q: field %s says %q", name, c.value, field.Name, field.Error)
			}
		}
	}
	for value, says := range map[string]string{`{"deep": "x"}`: "deep is", "1e999": "not JSON", "[": "not JSON", `{"deep": 1, "deeper": 2}`: "deeper is"} {
		f, sent := newForm(t, nil), right()
		sent.Set("apiKey", "long enough")
		sent.Set("rules", value)
		if _, err := f.Read(sent); err == nil {
			t.Errorf("%s was taken", value)
		}
		if got := f.Fields[9]; got.Name != "rules" || got.Error == "" {
			t.Errorf("%s: field %s says %q, want %q", value, got.Name, got.Error, says)
		}
	}
}

// A secret is in no page, neither the one that is kept nor the one that was just sent.
func TestSecretsAreNotShown(t *testing.T) {
	f := newForm(t, map[string]any{"apiKey": "CANARY-kept"})
	sent := right()
	sent.Set("apiKey", "CANARY-sent")
	sent.Set("days", "99")
	if _, err := f.Read(sent); err == nil {
		t.Fatal("99 days were taken")
	}
	var b strings.Builder
	if err := f.Write(&b, nil); err != nil || strings.Contains(b.String(), "CANARY") || !strings.Contains(b.String(), "Kept as it is") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// Whatever a manifest and a browser say, a form is one form.
func TestMarkupIsEscaped(t *testing.T) {
	s, err := abi.ParseSchema([]byte(`{"type": "object", "additionalProperties": false, "properties": {
		"a": {"title": "</label><script>x</script>", "description": "\" onfocus=alert(1) <b>", "type": "string"}, "b": {"enum": ["\"><img src=x onerror=x>"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	f, err := form.New(s, map[string]any{"a": `"><script>alert(1)</script>`})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := f.Write(&b, &form.Page{Action: "javascript:alert(1)", Prefix: `"><i `}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "<b>", `="" onfocus`, "javascript:", `"><i `} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q is in\n%s", bad, b.String())
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Graz", "7", "a\nb", `{"deep": 1}`)
	f.Add("", "-0", "\x00", `1e400`)
	f.Add("\xff\xfe", "0x1p-2", "\r", `{"deep": 9007199254740993}`)
	f.Fuzz(func(t *testing.T, city, number, lines, json string) {
		form := newForm(t, nil)
		values, err := form.Read(url.Values{"units": {`"metric"`}, "city": {city}, "days": {number}, "ratio": {number}, "tags": {lines}, "rules": {json}})
		if (err == nil) == (values == nil) && err == nil {
			t.Fatal("neither values nor an error")
		}
		var b strings.Builder
		if werr := form.Write(&b, nil); werr != nil || strings.Count(b.String(), "<form") != 1 {
			t.Fatalf("%v\n%s", werr, b.String())
		}
	})
}
