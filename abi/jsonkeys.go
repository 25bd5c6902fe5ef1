package abi

import (
	"fmt"
	"strings"
	"unicode"
)

// entries reads an object with keys of the plugin's own choosing: each an identifier of ASCII, no two of
// which differ only in case. item reads the value of one.
func (j *jsonReader) entries(what string, most int, item func(key string, at int)) {
	seen := map[string]bool{}
	j.list('{', '}', "an object", func() {
		at := j.mark()
		key := j.string()
		folded := strings.ToLower(key)
		switch {
		case j.err != nil:
			return
		case !isIdentifier(key):
			j.failAt(at, fmt.Sprintf("%s has a key %+.40q, which is not a plain name", what, key), "use letters, digits and underscores, a letter first")
			return
		case seen[folded]:
			j.failAt(at, fmt.Sprintf("key %q is there twice", key), "remove one; names that differ only in case are one")
			return
		case len(seen) == most:
			j.failAt(at, fmt.Sprintf("%s has more than %d keys", what, most), "")
			return
		}
		seen[folded] = true
		j.expect(':', "a colon")
		item(key, at)
	})
}

func findField(fields []jsonField, key string) int {
	for i, f := range fields {
		if f.name == key {
			return i
		}
	}
	return -1
}

// suggest names the key that was meant, when only its case is different or it only looks like it, or
// else all keys.
func suggest(fields []jsonField, key string) string {
	names := make([]string, len(fields))
	plain, odd := latin(key)
	for i, f := range fields {
		if strings.EqualFold(f.name, plain) {
			if odd != 0 {
				return fmt.Sprintf("write %q; %U only looks like one of its letters", f.name, odd)
			}
			return fmt.Sprintf("write %q", f.name)
		}
		names[i] = f.name
	}
	return "known are " + strings.Join(names, ", ")
}

// looksLike pairs letters of other scripts with those of ASCII that they are taken for (a part of
// Unicode's confusables, UTS 39): the ones that our keys are made of.
var looksLike = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "ԁ", "d", "ԛ", "q", "ԝ", "w", "һ", "h", "к", "k", "т", "t", "м", "m", "в", "b", "п", "n",
	"А", "A", "Е", "E", "О", "O", "Р", "P", "С", "C", "Х", "X", "І", "I", "Ѕ", "S", "К", "K", "Т", "T", "М", "M", "В", "B", "Н", "H",
	"α", "a", "ο", "o", "ν", "v", "ι", "i", "κ", "k", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "ε", "e", "ı", "i", "ſ", "s", "ɡ", "g", "ɑ", "a", "ℓ", "l", "Κ", "K", "\u212a", "k",
)

// latin writes a key with the letters that it looks like, and answers the first that was another one.
func latin(key string) (plain string, odd rune) {
	var b strings.Builder
	for _, r := range key {
		like := looksLike.Replace(string(r))
		switch {
		case invisible(r) || unicode.Is(unicode.Mn, r):
			like = "" // not seen, or a mark on the letter before
		case r >= 0xff01 && r <= 0xff5e:
			like = string(r - 0xff01 + '!') // full width
		}
		if like != string(r) && odd == 0 {
			odd = r
		}
		b.WriteString(like)
	}
	return b.String(), odd
}
