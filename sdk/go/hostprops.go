package vitrine

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// HostProps writes the properties of a host component, as HostNode.Props takes them: texts, bools and finite numbers (int, int64,
// float64). A value of another type is a mistake in the program and panics. It links no encoder of JSON.
func HostProps(props map[string]any) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(props)) {
		b.WriteByte("{,"[min(i, 1)])
		writeJSONText(&b, name)
		b.WriteByte(':')
		switch v := props[name].(type) {
		case string:
			writeJSONText(&b, v)
		case bool:
			b.WriteString(strconv.FormatBool(v))
		case int:
			b.WriteString(strconv.Itoa(v))
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				panic(fmt.Sprintf("vitrine: host property %s is not finite", name))
			}
			b.WriteString(strconv.FormatFloat(v+0, 'g', -1, 64)) // minus zero is zero
		default:
			panic(fmt.Sprintf("vitrine: host property %s is a %T", name, v))
		}
	}
	if len(props) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.String()
}

func writeJSONText(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s { // what is no UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(b, `\u%04x`, r)
		case r == utf8.RuneError:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
