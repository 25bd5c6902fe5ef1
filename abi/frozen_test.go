package abi_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
)

var freeze = flag.Bool("freeze", false, "append what is new to testdata/frozen.txt")

// Plugins and pages that were built against a number go on meaning it. testdata/frozen.txt lists every
// number and name on the wire: a line may be added (go test ./abi -freeze), never changed or removed.
func TestFrozen(t *testing.T) {
	const file = "testdata/frozen.txt"
	b, err := os.ReadFile(file)
	if err != nil && !*freeze {
		t.Fatal(err)
	}
	frozen := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	now := onTheWire()
	for _, line := range frozen {
		if line != "" && !slices.Contains(now, line) {
			t.Errorf("this was promised and is gone or different: %s", line)
		}
	}
	var added []string
	for _, line := range now {
		if !slices.Contains(frozen, line) {
			added = append(added, line)
		}
	}
	switch {
	case len(added) == 0 || t.Failed():
	case *freeze:
		if err := os.WriteFile(file, append(b, strings.Join(added, "\n")+"\n"...), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("new, to be frozen with -freeze:\n%s", strings.Join(added, "\n"))
	}
	seen := map[string]bool{}
	for _, line := range now {
		if seen[line] {
			t.Errorf("there twice: %s", line)
		}
		seen[line] = true
	}
}

// onTheWire is every number and name that crosses a boundary, a line each.
func onTheWire() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add("version %d, manifest %s, protocol %d %s", abi.Version, abi.ManifestVersion, abi.ProtocolVersion, abi.Subprotocol)
	for c := abi.CodeOK; c >= abi.CodeInternal; c-- {
		add("code %d %s", c, c.String())
	}
	for _, c := range abi.Capabilities() {
		add("capability %s", c)
	}
	for _, p := range abi.PlainPermissions() {
		add("permission %s of %s", p, p.Capability)
	}
	for _, i := range abi.Imports() {
		add("import %s.%s %s -> %s capability %q", i.Module, i.Name, types(i.Params), types(i.Results), i.Capability)
	}
	for _, name := range []string{abi.ExportMemory, abi.ExportInitialize, abi.ExportAlloc, abi.ExportMount, abi.ExportUpdate, abi.ExportEvent,
		abi.ExportMessage, abi.ExportTurn, abi.ExportUnmount, abi.ExportSave, abi.ExportRestore, abi.ExportPrepare} {
		add("export %s", name)
	}
	lines = append(lines, named("kind", "text bool int number enum asset drawing link", abi.KindText, abi.KindBool, abi.KindInt, abi.KindNumber, abi.KindEnum, abi.KindAsset, abi.KindDrawing, abi.KindLink)...)
	for k := abi.KindText; k <= abi.KindLink; k++ {
		add("kind %d has form %d", k, k.Wire())
	}
	for i := range abi.Components() {
		lines = append(lines, component(i)...)
	}
	return append(lines, frames()...)
}

func types(list []abi.ValueType) string {
	names := map[abi.ValueType]string{abi.I32: "i32", abi.I64: "i64"}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = names[v]
	}
	return "(" + strings.Join(out, " ") + ")"
}

// named lists constants and the names that they have.
func named[T ~uint8](what, names string, values ...T) (lines []string) {
	for i, name := range strings.Fields(names) {
		lines = append(lines, fmt.Sprintf("%s %d %s", what, values[i], name))
	}
	return lines
}

func component(number int) (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	c := abi.ComponentAt(uint16(number))
	add("component %d %s", number, c.Name)
	for i, p := range c.Props {
		add("property %s %d %s kind %d required %v", c.Name, i, p.Name, p.Kind, p.Required)
		for v, name := range p.Values {
			add("value %s.%s %d %s", c.Name, p.Name, v, name)
		}
	}
	for i, e := range c.Events {
		add("event %s %d %s upload %v fields %v", c.Name, i, e.Name, e.Upload, e.Fields)
	}
	return lines
}

func frames() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, f := range []struct {
		name string
		typ  abi.FrameType
	}{
		{"hello", abi.FrameHello}, {"snap", abi.FrameSnap}, {"patch", abi.FramePatch}, {"fault", abi.FrameFault}, {"resumed", abi.FrameResumed},
		{"ping", abi.FramePing}, {"bye", abi.FrameBye}, {"pixels", abi.FramePixels}, {"upload", abi.FrameUpload},
		{"client hello", abi.FrameClientHello}, {"mount", abi.FrameMount}, {"event", abi.FrameEvent}, {"ack", abi.FrameAck},
		{"resume", abi.FrameResume}, {"visible", abi.FrameVisible}, {"unmount", abi.FrameUnmount}, {"pong", abi.FramePong},
		{"effect", abi.FrameEffect}, {"nak", abi.FrameNak}, {"cancel", abi.FrameCancel},
		{"page call", abi.FramePageCall}, {"refused", abi.FrameRefused}, {"props", abi.FrameProps}, {"page answer", abi.FramePageAnswer},
		{"taken", abi.FrameTaken},
	} {
		add("frame %#02x %s", byte(f.typ), f.name)
	}
	for _, op := range []struct {
		name string
		op   abi.PatchOp
	}{
		{"text", abi.PatchText}, {"set", abi.PatchSet}, {"unset", abi.PatchUnset}, {"insert", abi.PatchInsert}, {"delete", abi.PatchDelete},
		{"move", abi.PatchMove}, {"on", abi.PatchOn}, {"off", abi.PatchOff}, {"value", abi.PatchValue},
		{"splice", abi.PatchSplice}, {"rows", abi.PatchRows}, {"repeat", abi.PatchRepeat},
	} {
		add("patch op %d %s", op.op, op.name)
	}
	for _, f := range []struct {
		name string
		code abi.FaultCode
	}{
		{"plugin", abi.FaultPlugin}, {"gone", abi.FaultGone}, {"ticket", abi.FaultTicket}, {"limit", abi.FaultLimit},
		{"protocol", abi.FaultProtocol}, {"unavailable", abi.FaultUnavailable}, {"notice", abi.FaultNotice},
	} {
		add("fault %d %s", f.code, f.name)
	}
	lines = append(lines, named("effect", "focus scroll announce toast open copy download", abi.EffectFocus, abi.EffectScroll,
		abi.EffectAnnounce, abi.EffectToast, abi.EffectOpen, abi.EffectCopy, abi.EffectDownload)...)
	add("drawing rect %d, line %d, text %d", abi.DrawRect, abi.DrawLine, abi.DrawText)
	lines = append(lines, named("ink", "default muted accent good warning danger faint", abi.InkDefault, abi.InkMuted, abi.InkAccent, abi.InkGood, abi.InkWarning, abi.InkDanger, abi.InkFaint)...)
	add("pixels rgba %d, rgb %d", abi.PaintRGBA, abi.PaintRGB)
	return lines
}

// What the codecs assume of the catalog.
func TestCatalogFitsTheWire(t *testing.T) {
	for i := range abi.Components() {
		c := abi.ComponentAt(uint16(i))
		if n, found, ok := abi.FindComponent(c.Name); !ok || int(n) != i || found != c {
			t.Errorf("%s is found as %d", c.Name, n)
		}
		if len(c.Props) > 255 || len(c.Events) > 64 {
			t.Errorf("%s has %d properties and %d events; a mask has 64 bits", c.Name, len(c.Props), len(c.Events))
		}
		for _, p := range c.Props {
			if p.Kind == abi.KindEnum && (len(p.Values) < 2 || len(p.Values) > 256) || p.Kind == abi.KindInt && p.Min >= p.Max {
				t.Errorf("%s.%s has no range", c.Name, p.Name)
			}
		}
		for _, e := range c.Events {
			for _, f := range e.Fields {
				if f.Kind > abi.KindNumber {
					t.Errorf("%s.%s: field %s has no form in a payload", c.Name, e.Name, f.Name)
				}
			}
		}
		if d := c.Disabled(); d >= 0 && c.Props[d].Kind != abi.KindBool {
			t.Errorf("%s.disabled is no bool", c.Name)
		}
		if !slices.IsSorted(c.Children) || !slices.IsSorted(c.Parents) {
			t.Errorf("%s: children and parents are searched in order", c.Name)
		}
	}
	if abi.ComponentAt(uint16(abi.Components())) != nil {
		t.Error("there is a component behind the last")
	}
	if _, c, ok := abi.FindComponent("Box"); ok || c != nil {
		t.Error("a component is found in another case")
	}
}

func TestImportsAndCapabilities(t *testing.T) {
	for _, i := range abi.Imports() {
		got, ok := abi.FindImport(i.Module, i.Name)
		if !ok || got.Name != i.Name || got.Module != i.Module {
			t.Errorf("%s.%s is not found", i.Module, i.Name)
		}
		if i.Capability == "" && i.Module != abi.ModuleCore || i.Capability != "" && (i.Capability.Module() != i.Module || !i.Capability.Known()) {
			t.Errorf("%s.%s is of capability %q", i.Module, i.Name, i.Capability)
		}
	}
	for _, c := range []abi.Capability{"", "UI", "core", "vitrine:ui", "ui "} {
		if c.Known() {
			t.Errorf("%q is known", c)
		}
	}
	if _, ok := abi.FindImport("vitrine:ui", "Render"); ok {
		t.Error("an import is found in another case")
	}
	if s := abi.Code(-11).String() + " " + abi.Code(1).String() + " " + abi.Code(-1<<31).String(); s != "code(-11) code(1) code(-2147483648)" {
		t.Error(s)
	}
	if abi.CodeDenied.Error() != "vitrine: denied" {
		t.Error(abi.CodeDenied.Error())
	}
}

func ExampleFindComponent() {
	number, button, _ := abi.FindComponent("button")
	fmt.Println(number, number == abi.ComponentButton, button.Events[0].Name, button.Props[button.Disabled()].Name)
	// Output: 3 true click disabled
}

func ExampleFindImport() {
	render, ok := abi.FindImport("vitrine:ui", "render")
	fmt.Println(render.Capability, len(render.Params), ok)
	// Output: ui 2 true
}

func ExampleCode() {
	fmt.Println(abi.CodeLimit.String(), int32(abi.CodeLimit))
	// Output: limit -3
}
